// Second factors in a real browser: an app by its secret, recovery codes, a passkey that Chromium holds.
import { createHmac } from 'node:crypto';
import type { Page } from '@playwright/test';
import { expect, OWNER, test, type Door } from './door';

/** The code that an app shows now, or so many steps from now (RFC 6238). */
function code(secret: string, steps = 0): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replaceAll(' ', '')].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const tag = createHmac('sha1', key).update(counter).digest();
  const at = (tag.at(-1) ?? 0) & 15;
  return String((tag.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

async function addApp(door: Door, page: Page): Promise<string> {
  await page.goto(`${door.url}/app/security`);
  await page.getByRole('link', { name: 'Add a way' }).click();
  await page.getByRole('button', { name: 'Add an app' }).click();
  await expect(page.getByRole('img', { name: /QR code/ }).first()).toBeVisible();
  const secret = (await page.locator('code.secret').textContent()) ?? '';
  await page.getByLabel('Six-digit code').fill(code(secret));
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Recovery codes');
  return secret;
}

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
