// Second factors and devices without a mouse: added, named, asked for, removed; approved, refused, named, sent away. Passkeys have their own stories.
import type { Page } from '@playwright/test';
import { code } from './app';
import { expect, OWNER, test, type Door } from './door';
import { Keyboard } from './keyboard';

async function signOut(keys: Keyboard, page: Page): Promise<void> {
  await keys.press(page.locator('form[action="/sign-out"] button').first());
  await expect(page).toHaveURL(/\/sign-in/);
}

async function signIn(keys: Keyboard, page: Page, door: Door): Promise<void> {
  await page.goto(`${door.url}/sign-in`);
  await keys.write(page.locator('input[name=email]'), OWNER.email);
  await keys.write(page.locator('input[name=password]'), OWNER.password, true);
}

async function addApp(keys: Keyboard, page: Page, door: Door): Promise<{ secret: string; codes: string[] }> {
  await page.goto(`${door.url}/app/security`);
  await keys.press(page.getByRole('link', { name: 'Add a way' }));
  await keys.press(page.getByRole('button', { name: 'Add an app' }));
  const field = page.getByLabel('Six-digit code');
  await expect(field, 'the reader starts at the field').toBeFocused();
  const secret = (await page.locator('code.secret').textContent()) ?? '';
  await keys.write(field, code(secret), true);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Recovery codes');
  const codes = await page.locator('#codes code').allTextContents();
  await keys.press(page.getByRole('button', { name: 'I have kept them' }));
  await expect(page.getByText('10 of 10 left')).toBeVisible();
  return { secret, codes };
}

test('an app is added, named, asked for and removed, and a recovery code used, by keyboard alone', async ({ door, page }) => {
  const keys = new Keyboard(page);
  await door.setUp(page);
  await signIn(keys, page, door);
  await expect(page).toHaveURL(`${door.url}/app`);
  // Else the last one would stay, and the page would say so.
  await door.policy(page, { factors: { require: 'no' } });
  const { secret, codes } = await addApp(keys, page, door);

  await keys.press(page.getByRole('link', { name: /^Change: Authenticator app/ }));
  await keys.write(page.getByLabel('Name', { exact: true }), 'Work phone', true);
  await expect(page.getByText('Work phone').first()).toBeVisible();

  await page.goto(`${door.url}/app`);
  await signOut(keys, page);
  await signIn(keys, page, door);
  const field = page.locator('input[name=code]');
  await expect(field, 'the reader starts at the field').toBeFocused();
  await keys.write(field, '000000', true);
  await expect(page.getByRole('alert').first()).toBeVisible();
  await keys.write(field, code(secret, 1), true);
  await expect(page).toHaveURL(`${door.url}/app`);

  await signOut(keys, page);
  await signIn(keys, page, door);
  await keys.press(page.getByRole('link', { name: 'I have lost my phone' }));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You have lost your phone');
  await keys.press(page.getByRole('link', { name: /^Use a recovery code/ }));
  await keys.write(page.locator('input[name=code]'), codes[0] ?? '', true);
  await expect(page).toHaveURL(`${door.url}/app`);

  await page.goto(`${door.url}/app/security`);
  await keys.press(page.getByRole('link', { name: /^Change: Authenticator app/ }));
  await keys.press(page.getByRole('button', { name: 'Remove' }));
  const sure = page.locator('dialog');
  await keys.press(sure.getByRole('button', { name: 'Cancel' }));
  await expect(sure).toHaveCount(0);
  await keys.press(page.getByRole('button', { name: 'Remove' }));
  await keys.press(sure.getByRole('button', { name: 'Remove' }));
  await expect(page).toHaveURL(/\/app\/security/);
  await expect(page.getByText('Work phone')).toHaveCount(0);
});

test('a code alone confirms before something delicate and opens a locked session, by keyboard alone', async ({ door, page }) => {
  test.skip(!door.canMoveTime, 'needs faketime');
  const keys = new Keyboard(page);
  await door.setUp(page);
  await signIn(keys, page, door);
  await expect(page).toHaveURL(`${door.url}/app`);
  const { secret } = await addApp(keys, page, door);
  door.advance(16);
  await page.goto(`${door.url}/app/security/codes`);
  await expect(page).toHaveURL(/\/app\/step-up\?/);
  await keys.write(page.locator('input[name=code]'), code(secret, 32), true);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Recovery codes');
  door.advance(16 + 31);
  await page.goto(`${door.url}/app/activity`);
  await expect(page).toHaveURL(/\/app\/unlock\?next=/);
  await keys.write(page.locator('input[name=code]'), code(secret, 2 * 47), true);
  await expect(page).toHaveURL(`${door.url}/app/activity`);
});

test('a text message is asked for and typed in, by keyboard alone', async ({ door, page, context }) => {
  const keys = new Keyboard(page);
  await door.setUp(page);
  await signIn(keys, page, door);
  await expect(page).toHaveURL(`${door.url}/app`);
  const outbox = await context.newPage();
  /** The latest code of eight digits that the development outbox shows. */
  const texted = async (not = ''): Promise<string> => {
    let found = not;
    await expect
      .poll(async () => {
        await outbox.goto(`${door.url}/dev/outbox`);
        found = /\b\d{8}\b/.exec(await outbox.locator('main').innerText())?.[0] ?? not;
        return found !== not;
      }, { timeout: 20_000 })
      .toBe(true);
    return found;
  };
  await page.goto(`${door.url}/app/security/add`);
  await keys.press(page.getByRole('link', { name: 'Add a phone' }));
  await keys.write(page.getByLabel('Mobile number'), '+44 7700 900123', true);
  const first = await texted();
  await keys.write(page.getByLabel('Eight-digit code'), first, true);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Recovery codes');
  await keys.press(page.getByRole('button', { name: 'I have kept them' }));
  await expect(page.getByText('10 of 10 left')).toBeVisible();

  await page.goto(`${door.url}/app`);
  await signOut(keys, page);
  await signIn(keys, page, door);
  await keys.press(page.getByRole('button', { name: /^Send a text message/ }));
  await expect(page).toHaveURL(/way=text/);
  await keys.write(page.locator('input[name=code]'), await texted(first), true);
  await expect(page).toHaveURL(`${door.url}/app`);
});

test('a new device is approved, another one refused, named, and forgotten, by keyboard alone', async ({ door, page, browser }) => {
  const keys = new Keyboard(page);
  await door.enter(page);
  await door.policy(page, { devices: { mode: 'verify' } });
  await page.goto(`${door.url}/app/security`);
  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await signIn(new Keyboard(other), other, door);
  const digits = (await other.locator('.digits').textContent()) ?? '';
  await keys.press(page.getByRole('link', { name: 'Answer it' }));
  await keys.write(page.getByLabel('The two digits that the new device shows'), digits);
  await keys.press(page.getByRole('button', { name: 'Approve' }));
  await expect(page.getByText('The new device goes on now.')).toBeVisible();
  await expect(other).toHaveURL(`${door.url}/app`);

  const foreign = await browser.newContext();
  const thief = await foreign.newPage();
  await signIn(new Keyboard(thief), thief, door);
  await expect(thief.locator('.digits')).toBeVisible();
  await page.goto(`${door.url}/app/security/approvals`);
  await keys.press(page.getByRole('button', { name: 'That is not me' }));
  await expect(thief.getByRole('heading', { level: 1 })).toHaveText('This device was refused');

  await page.goto(`${door.url}/app/security`);
  const row = page.locator('[data-ranked] > li').filter({ hasNotText: 'This device' });
  await keys.unfold(row.locator('summary'));
  await keys.write(row.getByLabel('Your name for it'), 'Reception PC', true);
  const named = page.locator('[data-ranked] > li').filter({ hasText: 'Reception PC' });
  await keys.unfold(named.locator('summary'));
  await keys.press(named.getByRole('button', { name: 'Forget it' }));
  await keys.press(page.locator('dialog').getByRole('button', { name: 'Forget it' }));
  await expect(page.getByText('Your devices are changed.')).toBeVisible();
  await expect(page.getByText('Reception PC')).toHaveCount(0);
  await other.goto(`${door.url}/app`);
  await expect(other).toHaveURL(/\/sign-in/);
  await Promise.all([elsewhere.close(), foreign.close()]);
});
