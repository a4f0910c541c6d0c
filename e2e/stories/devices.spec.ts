// Devices in real browsers: the key that script keeps, a new device approved from another browser, the order by keyboard.
import type { Page } from '@playwright/test';
import { expect, test, type Door } from './door';

async function policy(door: Door, page: Page, devices: Record<string, unknown>): Promise<void> {
  const status = await page.evaluate(async (wanted) => {
    const me = await (await fetch('/api/v1/me')).json();
    const answer = await fetch(`/api/v1/organisations/${me.organisation.id}/policy`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ devices: wanted }),
    });
    return answer.status;
  }, devices);
  expect(status).toBe(200);
}

async function devices(page: Page): Promise<{ key_proved: boolean; current: boolean; id: string }[]> {
  return page.evaluate(async () => (await (await fetch('/api/v1/me/devices')).json()).items);
}

test('a new device is approved from another browser, with two digits', async ({ door, page, browser }) => {
  await door.enter(page);
  expect((await devices(page)).map((device) => device.key_proved)).toEqual([true]);
  await policy(door, page, { mode: 'verify' });
  await page.goto(`${door.url}/app/security`);
  const banner = page.locator('[data-live]');
  await expect(banner).toBeHidden();

  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await door.signIn(other);
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Confirm this device');
  const digits = (await other.locator('.digits').textContent()) ?? '';
  expect(digits).toMatch(/^\d\d$/);
  // It waits on a stream: nothing is asked again and again.
  const asked: string[] = [];
  other.on('request', (request) => asked.push(new URL(request.url()).pathname));

  // The trusted browser is told while its page is open.
  await expect(banner).toContainText('A new device wants to sign in as you');
  await page.getByRole('link', { name: 'Answer it' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Approve a sign-in');
  const field = page.getByLabel('The two digits that the new device shows');
  await field.fill(digits === '11' ? '22' : '11');
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(page.getByText('These are not the digits that the new device shows.')).toBeVisible();
  await field.fill(digits);
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(page.getByText('The new device goes on now.')).toBeVisible();

  // The new one goes on by itself.
  await expect(other).toHaveURL(`${door.url}/app`);
  expect(asked).not.toContain('/sign-in/device/state');
  expect((await devices(other)).filter((device) => device.current).map((device) => device.key_proved)).toEqual([true]);
  await elsewhere.close();
});

test('a new device that is refused says so by itself, and one without streams asks now and then', async ({ door, page, browser }) => {
  await door.enter(page);
  await policy(door, page, { mode: 'verify' });
  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await other.route('**/sign-in/device/events', (route) => route.fulfill({ status: 503 }));
  await door.signIn(other);
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Confirm this device');
  await page.goto(`${door.url}/app/security/approvals`);
  await page.getByRole('button', { name: 'That is not me' }).click();
  await expect(page.getByText('The new device was refused.')).toBeVisible();
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('This device was refused', { timeout: 15_000 });
  await elsewhere.close();
});

test('a device that waits for an administrator goes on by itself once it is let in', async ({ door, page, browser }) => {
  await door.enter(page);
  await policy(door, page, { mode: 'approved' });
  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await door.signIn(other);
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('This device waits for an administrator');
  await page.goto(`${door.url}/app/devices`);
  await page.getByRole('button', { name: /^Let .*in/ }).click();
  await expect(page.getByText('The device is let in.')).toBeVisible();
  await expect(other).toHaveURL(`${door.url}/app`);
  await elsewhere.close();
});

test('a cookie that was copied into another browser opens nothing without its key', async ({ door, page, browser }) => {
  await door.enter(page);
  const cookies = (await page.context().cookies()).filter((cookie) => cookie.name.endsWith('device'));
  const elsewhere = await browser.newContext();
  await elsewhere.addCookies(cookies);
  const thief = await elsewhere.newPage();
  await door.signIn(thief);
  await expect(thief).toHaveURL(`${door.url}/sign-in/device`);
  await elsewhere.close();
});

test('the order of devices is changed by keyboard', async ({ door, page, browser }) => {
  await door.enter(page);
  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await door.signIn(other);
  await expect(other).toHaveURL(`${door.url}/app`);
  await other.goto(`${door.url}/app/security`);
  const before = (await devices(other)).map((device) => device.id);
  expect(before).toHaveLength(2);
  const down = other.getByRole('button', { name: /^Move .* down$/ });
  await down.focus();
  await other.keyboard.press('Enter');
  await expect(other.getByText('Your devices are changed.')).toBeVisible();
  expect((await devices(other)).map((device) => device.id)).toEqual([...before].reverse());
  await elsewhere.close();
});

test('the order of devices is changed by dragging a row by its handle', async ({ door, page, browser }) => {
  await door.enter(page);
  const others = await Promise.all([0, 1].map(() => browser.newContext()));
  for (const context of others) {
    const other = await context.newPage();
    await door.signIn(other);
    await expect(other).toHaveURL(`${door.url}/app`);
  }
  await page.goto(`${door.url}/app/security`);
  const rows = page.locator('[data-ranked] > li');
  await expect(rows).toHaveCount(3);
  const [first, second, third] = (await devices(page)).map((device) => device.id);

  // Down past all others, then up again between them.
  await rows.nth(0).locator('[data-handle]').dragTo(rows.nth(2));
  await expect(page.getByText('Your devices are changed.')).toBeVisible();
  expect((await devices(page)).map((device) => device.id)).toEqual([second, third, first]);
  await rows.nth(2).locator('[data-handle]').dragTo(rows.nth(1));
  await expect(rows.nth(1)).toHaveAttribute('data-device', first);
  expect((await devices(page)).map((device) => device.id)).toEqual([second, first, third]);

  // Dropped on itself it stays, and nothing is sent.
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await rows.nth(1).locator('[data-handle]').dragTo(rows.nth(1).locator('.what'));
  expect(asked.filter((url) => url.includes('/move'))).toEqual([]);
  await Promise.all(others.map((context) => context.close()));
});

test('a name of one\'s own, trust taken away: the other browser is signed out at once', async ({ door, page, browser }) => {
  await door.enter(page);
  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await door.signIn(other);
  await expect(other).toHaveURL(`${door.url}/app`);
  await page.goto(`${door.url}/app/security`);
  const row = page.locator('[data-ranked] > li').filter({ hasNotText: 'This device' });
  await row.locator('summary').click();
  await row.getByLabel('Your name for it').fill('Reception PC');
  await row.getByRole('button', { name: 'Save' }).click();
  const named = page.locator('[data-ranked] > li').filter({ hasText: 'Reception PC' });
  await expect(named).toBeVisible();
  await named.locator('summary').click();
  await named.getByRole('button', { name: 'Stop trusting it' }).click();
  await page.locator('dialog').getByRole('button', { name: 'Stop trusting it' }).click();
  await expect(page.getByText('Your devices are changed.')).toBeVisible();
  await other.goto(`${door.url}/app`);
  await expect(other.getByText('This device is not trusted any more')).toBeVisible();
  await elsewhere.close();
});
