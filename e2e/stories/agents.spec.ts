// Agents as a technician has them: a key, a machine that is paired with it, approved, seen, revoked; and one identity on two machines.
import type { Page } from '@playwright/test';
import { clean } from './clean';
import { expect, test, type Door } from './door';
import { Machine } from './machine';

async function makeKey(door: Door, page: Page): Promise<string> {
  await page.goto(`${door.url}/app/keys`);
  await page.getByLabel('Note').fill('laptops of the new office');
  await page.getByRole('button', { name: 'Make the key' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your new installation key');
  return (await page.locator('code.secret').first().textContent()) ?? '';
}

async function confirmed(page: Page, name: string): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name }).click();
}

test('a machine is paired, approved, comes online before the reader’s eyes, and is revoked', async ({ door, page }) => {
  await door.enter(page);
  const key = await makeKey(door, page);
  await clean(page);
  const [one, two] = [new Machine(door.url, 'HQ-LT-0417'), new Machine(door.url, 'WH-PC-0031')];
  try {
    one.pair(key);
    const code = two.pair(key);
    await page.getByRole('navigation').getByRole('link', { name: 'Agents' }).click();
    await expect(page.locator('#figures')).toHaveText('0 paired · 0 online · 2 waiting for approval');
    await clean(page);
    await page.getByRole('link', { name: 'Approve 2' }).click();
    await page.getByLabel('Tick HQ-LT-0417').check();
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await confirmed(page, 'Approve');
    await expect(page.getByText('Let in. From their next call on they are active.')).toBeVisible();

    await page.goto(`${door.url}/pair`);
    await page.getByRole('textbox', { name: 'Code' }).fill(code);
    await page.getByRole('button', { name: 'Look it up' }).click();
    await expect(page.getByRole('heading', { level: 2, name: 'WH-PC-0031' })).toBeVisible();
    await clean(page);
    await page.getByRole('button', { name: 'Approve' }).click();
    await expect(page.getByText('Let in. The machine goes on by itself within seconds.')).toBeVisible();

    await page.goto(`${door.url}/app/agents`);
    one.run();
    await expect(page.locator('#figures')).toHaveText('2 paired · 1 online');
    const line = page.getByRole('row', { name: /HQ-LT-0417/ });
    await expect(line.getByText('Online')).toBeVisible();
    await line.getByRole('link', { name: 'Open HQ-LT-0417' }).click();
    await expect(page.getByText('Agent let in')).toBeVisible();
    await clean(page);
    await page.getByRole('button', { name: 'Revoke' }).click();
    await confirmed(page, 'Revoke');
    await expect(page.getByText('It is revoked: whatever it asks is not done')).toBeVisible();
    await one.stop();
    expect([one.status(), two.status()]).toEqual([1, 0]);
  } finally {
    await Promise.all([one.remove(), two.remove()]);
  }
});

test('one identity on two machines is set aside until a person picks', async ({ door, page }) => {
  await door.enter(page);
  const machine = new Machine(door.url, 'LEEDS-SRV-02');
  const machines = [machine];
  try {
    machine.pair(await makeKey(door, page));
    await page.goto(`${door.url}/app/agents?state=waiting`);
    await page.getByRole('link', { name: 'Open LEEDS-SRV-02' }).click();
    const own = page.url();
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    machine.run();
    await page.goto(`${door.url}/app/agents`);
    await expect(page.locator('#figures')).toHaveText('1 paired · 1 online');
    await machine.stop();
    // The disk is copied, and both lose the hardware that was paired: nobody can tell them apart by themselves.
    const copy = machine.copiedTo('somewhere else');
    machines.push(copy);
    machine.becomes('another board');
    machine.run();
    await page.goto(own);
    await page.waitForTimeout(3000);
    copy.run();
    await page.goto(`${door.url}/app/agents`);
    await expect(page.getByText('Same identity on two machines', { exact: true }).last()).toBeVisible({ timeout: 60_000 });
    await page.goto(own);
    await expect(page.getByRole('heading', { name: 'Which of the two keeps the identity?' })).toBeVisible();
    await expect(page.getByText('Not the machine that was paired')).toHaveCount(2);
    await clean(page);
    await page.getByRole('button', { name: 'Keep this one' }).first().click();
    await confirmed(page, 'Keep this one');
    await expect(page.getByText('Picked. The other machine is told to pair itself anew.')).toBeVisible();
    await page.goto(`${door.url}/app`);
    await expect(page.getByText('An agent’s identity is on two machines')).toHaveCount(0);
  } finally {
    await Promise.all(machines.map((one) => one.remove()));
  }
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('the command for each system is shown, and a machine is approved, without JavaScript', async ({ door, page }) => {
    await door.enter(page);
    const key = await makeKey(door, page);
    const machine = new Machine(door.url, 'WH-PC-0031');
    try {
      machine.pair(key);
      await page.goto(`${door.url}/app/agents`);
      await expect(page.getByText('| sudo sh').first()).toBeVisible();
      await page.getByText('Windows', { exact: true }).click();
      await expect(page.getByText('| iex').first()).toBeVisible();
      await expect(page.getByText('| sudo sh').first()).toBeHidden();
      await page.getByLabel('Tick WH-PC-0031').check();
      await page.getByRole('button', { name: 'Approve', exact: true }).click();
      await expect(page.getByText('Let in. From their next call on they are active.')).toBeVisible();
      expect(machine.status()).toBe(0);
    } finally {
      await machine.remove();
    }
  });
});
