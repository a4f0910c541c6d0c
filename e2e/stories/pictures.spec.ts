// Pictures of the real pages for the README: written only when DOORWARD_PICTURES names a folder, such as ../docs/images.
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
  await page.goto(`${door.url}/app/security`);
  await page.screenshot({ path: `${folder}/my-security.png` });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(`${door.url}/app`);
  await page.screenshot({ path: `${folder}/home-dark.png` });
});
