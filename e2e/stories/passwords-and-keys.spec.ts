// A password that became too short is replaced at the door; and an API key is made, used and ended.
import { request, type Page } from '@playwright/test';
import { addApp } from './app';
import { clean } from './clean';
import { expect, test, type Door } from './door';

const LONGER = 'quiet lantern over the old mill by the river';

async function signOut(page: Page): Promise<void> {
  await page.locator('form[action="/sign-out"] button').first().click();
}

/** Whose organisation has asked for more characters since the password was set. */
async function grown(door: Door, page: Page): Promise<void> {
  await door.enter(page);
  await door.policy(page, { passwords: { min_length: 30 } });
  await signOut(page);
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'as people have it' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });
    test('a password that became too short is put off once, and then replaced at the door', async ({ door, page }) => {
      await grown(door, page);
      await door.signIn(page);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Set a longer password');
      if (javaScriptEnabled) await clean(page);
      await page.getByRole('button', { name: /^Not now/ }).click();
      await expect(page).toHaveURL(`${door.url}/app`);
      await expect(page.getByText('Set a longer password').first()).toBeVisible();
      await signOut(page);
      await door.signIn(page);
      const field = page.locator('input[name=password]');
      await field.fill('too short all the same');
      await page.getByRole('button', { name: 'Set the password' }).click();
      await expect(field).toHaveAttribute('aria-invalid', 'true');
      await field.fill(LONGER);
      await page.getByRole('button', { name: 'Set the password' }).click();
      await expect(page).toHaveURL(`${door.url}/app`);
      await expect(page.getByText('Set a longer password')).toHaveCount(0);
      await signOut(page);
      await door.signIn(page, LONGER);
      await expect(page).toHaveURL(`${door.url}/app`);
    });
  });
}

test('an API key is made with a second factor, shown once, opens what was ticked, and ends', async ({ door, page }) => {
  await door.enter(page);
  await page.goto(`${door.url}/app/security/api-keys`);
  await expect(page.getByText('You have no API keys here.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Add a second factor' })).toBeVisible();
  await clean(page);
  await addApp(door, page);
  await page.goto(`${door.url}/app/security/api-keys`);
  await clean(page);
  await page.getByRole('textbox', { name: 'Name' }).fill('Nightly report');
  await page.getByRole('button', { name: 'Make the key' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your new API key');
  await clean(page);
  const key = ((await page.locator('code.secret').first().textContent()) ?? '').trim();
  const program = await request.newContext({ extraHTTPHeaders: { authorization: `Bearer ${key}` } });
  const asked = async (path: string) => (await program.get(door.url + path)).status();
  expect(await asked('/api/v1/events')).toBe(200);
  const made = await program.post(`${door.url}/api/v1/organisations`, { data: { name: 'Contoso' } });
  expect(made.status(), 'a right that was not ticked').toBe(403);

  await page.goto(`${door.url}/app/security/api-keys`);
  await expect(page.getByText(key)).toHaveCount(0);
  await page.getByRole('button', { name: 'End the key Nightly report' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
  await expect(page.getByText('The key is ended. The next call with it is refused.')).toBeVisible();
  expect(await asked('/api/v1/events')).toBe(401);
  await program.dispose();
});
