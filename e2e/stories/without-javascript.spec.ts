// Without JavaScript everything works up to the session, and after it too: a first factor at the door, a new device by mail, step-up. What cannot work,
// passkeys and the key of a device, says so.
import type { Page } from '@playwright/test';
import { code } from './app';
import { expect, OWNER, test, type Door } from './door';

test.use({ javaScriptEnabled: false });

async function signOut(page: Page, door: Door): Promise<void> {
  await page.goto(`${door.url}/app`);
  await page.locator('form[action="/sign-out"] button').first().click();
  await expect(page).toHaveURL(`${door.url}/sign-in`);
}

/** The code in the newest mail that the development outbox shows. */
async function mailed(door: Door, page: Page): Promise<string> {
  let found = '';
  await expect
    .poll(async () => {
      await page.goto(`${door.url}/dev/outbox`);
      found = /asked for it: (\S{4}-\S{4})/.exec(await page.locator('main').innerText())?.[1] ?? '';
      return found;
    }, { timeout: 20_000 })
    .not.toBe('');
  return found;
}

test('a first factor at the door, a new device by mail and a lost phone, without JavaScript', async ({ door, page, browser }) => {
  await door.setUp(page);
  await expect(page.getByText('A passkey needs JavaScript')).toBeVisible();
  await door.signIn(page);
  await expect(page).toHaveURL(`${door.url}/app`);
  await door.policy(page, { factors: { require: 'yes', grace_hours: 0 }, devices: { mode: 'verify' } });
  await signOut(page, door);
  await door.signIn(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Add a second factor');
  await expect(page.getByText('A passkey instead needs JavaScript')).toBeVisible();
  await expect(page.getByRole('button', { name: /passkey/ })).toBeHidden();
  const secret = (await page.locator('p.mono').textContent()) ?? '';
  await page.getByLabel('Six-digit code').fill(code(secret));
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page).toHaveURL(`${door.url}/app`);

  const elsewhere = await browser.newContext({ javaScriptEnabled: false });
  const other = await elsewhere.newPage();
  await door.signIn(other);
  await other.getByLabel('Six-digit code').fill(code(secret, 1));
  await other.getByRole('button', { name: 'Confirm' }).click();
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Confirm this device');
  const letter = await mailed(door, page);
  await other.getByLabel('Code from the mail').fill(letter);
  await other.getByRole('button', { name: 'Confirm this device' }).click();
  await expect(other).toHaveURL(`${door.url}/app`);

  // Known by its cookie alone, and told so.
  await other.goto(`${door.url}/app/security`);
  await expect(other.getByText('Weaker: no key').first()).toBeVisible();
  await expect(other.getByText('a browser with JavaScript also keeps a key that cannot be copied')).toBeVisible();
  await other.goto(`${door.url}/app/security/passkey`);
  await expect(other.getByText('This needs JavaScript')).toBeVisible();
  await expect(other.getByRole('button', { name: 'Add the passkey' })).toBeHidden();
  await elsewhere.close();
});

test('recovery codes, a lost phone, step-up and the lock, without JavaScript', async ({ door, page }) => {
  test.skip(!door.canMoveTime, 'needs faketime');
  await door.enter(page);
  await page.goto(`${door.url}/app/security/add`);
  await page.getByRole('button', { name: 'Add an app' }).click();
  const secret = (await page.locator('code.secret').textContent()) ?? '';
  await page.getByLabel('Six-digit code').fill(code(secret));
  await page.getByRole('button', { name: 'Confirm' }).click();
  const codes = await page.locator('#codes code').allTextContents();
  expect(codes).toHaveLength(10);
  // What script adds is not promised where there is none.
  await expect(page.getByRole('button', { name: 'Download' })).toBeHidden();
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await signOut(page, door);

  await door.signIn(page);
  await page.getByRole('link', { name: 'I have lost my phone' }).click();
  await page.getByRole('link', { name: /^Use a recovery code/ }).click();
  await page.locator('input[name=code]').fill(codes[0] ?? '');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page).toHaveURL(`${door.url}/app`);

  door.advance(16);
  await page.goto(`${door.url}/app/security/codes`);
  await expect(page).toHaveURL(/\/app\/step-up\?/);
  await page.locator('input[name=code]').fill(code(secret, 32));
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Recovery codes');
  door.advance(16 + 31);
  await page.goto(`${door.url}/app/activity`);
  await expect(page).toHaveURL(/\/app\/unlock\?next=/);
  await page.locator('input[name=password]').fill(OWNER.password);
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page).toHaveURL(`${door.url}/app/activity`);
});
