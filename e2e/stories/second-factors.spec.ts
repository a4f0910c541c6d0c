// Second factors in a real browser: an app by its secret, recovery codes, a passkey that Chromium holds.
import type { Page } from '@playwright/test';
import { addApp, code } from './app';
import { expect, OWNER, test } from './door';

async function signOut(page: Page): Promise<void> {
  await page.locator('form[action="/sign-out"] button').first().click();
}

test('an app is added and asked for; a lost phone is helped by a recovery code', async ({ door, page }) => {
  await door.enter(page);
  const secret = await addApp(door, page);
  const codes = await page.locator('#codes code').allTextContents();
  expect(codes).toHaveLength(10);
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await expect(page.getByText('10 of 10 left')).toBeVisible();
  await signOut(page);
  await door.signIn(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Enter the code from your authenticator app');
  // The code of the next half minute: the one that set it up is spent.
  await page.locator('input[name=code]').fill(code(secret, 1));
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page).toHaveURL(`${door.url}/app`);
  await signOut(page);
  await door.signIn(page);
  await page.locator('input[name=code]').fill(codes[0]?.toLowerCase() ?? '');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page).toHaveURL(`${door.url}/app`);
  await page.goto(`${door.url}/app/security`);
  await expect(page.getByText('9 of 10 left')).toBeVisible();
});

test('a passkey signs in by one touch, without the password', async ({ door, page, context }) => {
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await door.enter(page);
  await page.goto(`${door.url}/app/security/passkey`);
  await page.getByLabel('Name').fill('Work laptop');
  await page.getByRole('button', { name: 'Add the passkey' }).click();
  await expect(page.getByText('Your passkey is added')).toBeVisible();
  await expect(page.getByText('Work laptop')).toBeVisible();
  await signOut(page);
  // Conditional UI may be faster than the button: either way nobody types a password.
  await page.goto(`${door.url}/sign-in`);
  await page.getByRole('button', { name: 'Use a passkey' }).click({ timeout: 5_000 }).catch(() => {});
  await expect(page).toHaveURL(`${door.url}/app`);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(OWNER.name.split(' ')[0] ?? '');
});
