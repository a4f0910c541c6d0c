// An authenticator app on a phone, computed from the RFC, and how a person adds it.
import { createHmac } from 'node:crypto';
import type { Page } from '@playwright/test';
import { expect, type Door } from './door';

/** The code that an app shows now, or so many steps from now (RFC 6238). */
export function code(secret: string, steps = 0): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replaceAll(' ', '')].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const tag = createHmac('sha1', key).update(counter).digest();
  const at = (tag.at(-1) ?? 0) & 15;
  return String((tag.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

export async function addApp(door: Door, page: Page): Promise<string> {
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
