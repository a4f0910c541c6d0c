// Pictures of the real pages for the README and the guide: written only when DOORWARD_PICTURES names a folder, such as ../docs/images.
import { addApp, code } from './app';
import { test } from './door';

const folder = process.env.DOORWARD_PICTURES;

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
