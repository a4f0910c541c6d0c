// Pictures of the real pages for the README and the guide: written only when DOORWARD_PICTURES names a folder, such as ../docs/images.
import { addApp, code } from './app';
import { expect, test, type Door } from './door';
import { Machine } from './machine';
import type { Page } from '@playwright/test';

const folder = process.env.DOORWARD_PICTURES;

/** Two machines at work, and two that wait. */
async function agents(door: Door, page: Page): Promise<void> {
  await page.goto(`${door.url}/app/keys`);
  await page.getByRole('button', { name: 'Make the key' }).click();
  const key = (await page.locator('code.secret').first().textContent()) ?? '';
  const machines = ['HQ-LT-0203', 'WH-PC-0031', 'HQ-LT-0417', 'LEEDS-SRV-02'].map((name) => new Machine(door.url, name));
  try {
    machines.forEach((machine) => machine.pair(key));
    await page.goto(`${door.url}/app/agents`);
    for (const machine of machines.slice(0, 2)) await page.getByLabel(`Tick ${machine.name}`).check();
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    machines.slice(0, 2).forEach((machine) => machine.run());
    await expect(page.locator('#figures')).toHaveText('2 paired · 2 online · 2 waiting for approval');
    await page.goto(`${door.url}/app/agents`);
    await page.screenshot({ path: `${folder}/agents.png` });
  } finally {
    for (const machine of machines) await machine.remove();
  }
}

test('pictures for the documents', async ({ door, page }, info) => {
  test.skip(!folder || info.project.name !== 'sqlite', 'DOORWARD_PICTURES names no folder');
  await page.setViewportSize({ width: 1280, height: 800 });
  await door.setUp(page);
  await page.goto(`${door.url}/sign-in`);
  await page.screenshot({ path: `${folder}/sign-in.png` });
  await door.signIn(page);
  await page.waitForURL(`${door.url}/app`);
  await page.screenshot({ path: `${folder}/home.png` });
  const secret = await addApp(door, page);
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.goto(`${door.url}/app/security`);
  await page.screenshot({ path: `${folder}/my-security.png` });
  await page.goto(`${door.url}/app/security/add`);
  await page.screenshot({ path: `${folder}/add-a-way.png` });
  await page.goto(`${door.url}/app/policies`);
  await page.screenshot({ path: `${folder}/policies.png` });
  await agents(door, page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(`${door.url}/app`);
  await page.screenshot({ path: `${folder}/home-dark.png` });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.locator('form[action="/sign-out"] button').first().click();
  // Long after the app was set up, a phone that runs four minutes slow.
  door.advance(30);
  await page.clock.install({ time: new Date(Date.now() + 30 * 60_000) });
  await door.signIn(page);
  await page.locator('input[name=code]').fill(code(secret, 60 - 8));
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.screenshot({ path: `${folder}/code-drift.png` });
});
