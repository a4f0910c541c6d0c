// Browser stories: the real program on either engine, and Debian's Chromium. Run by scripts/test, or by hand:
//   DOORWARD_PROGRAM=../target/debug/doorward npx playwright test
// The stories on PostgreSQL need DOORWARD_TEST_POSTGRES, the URL of a server on which databases may be made.
import { defineConfig } from '@playwright/test';

// Stories of whole ways through the product, with much that is written at nearly the same time.
const acrossEngines = /(first-day|passkeys|devices|drift|people|agents)\.spec\.ts$/;

export default defineConfig({
  testDir: 'stories',
  fullyParallel: true,
  workers: 2,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: !!process.env.CI,
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    timezoneId: 'UTC',
    launchOptions: {
      executablePath: process.env.DOORWARD_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'sqlite', metadata: { engine: 'sqlite' } },
    // What a page shows does not depend on the engine, and the stories over HTTP run on both. The night runs all of these on both as well.
    { name: 'postgres', metadata: { engine: 'postgres' }, ...(process.env.DOORWARD_NIGHT ? {} : { testMatch: acrossEngines }) },
  ],
});
