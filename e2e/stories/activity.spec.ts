// Home and the activity log as an administrator has them: what happens comes in by itself, each event has its page, and it can be sent elsewhere.
import { expect, OWNER, test } from './door';

test('home says how the door is doing, and leads to what happened', async ({ door, page }) => {
  await door.enter(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Good (morning|afternoon|evening), Mara$/);
  for (const figure of ['People', 'Signed in now', 'With two factors', 'Sign-ins stopped']) {
    await expect(page.locator('.card.stat').filter({ hasText: figure })).toBeVisible();
  }
  await expect(page.getByRole('heading', { name: 'Needs you' })).toBeVisible();
  await expect(page.getByText('Nothing needs you now.')).toBeVisible();
  await page.getByRole('link', { name: 'Signed in', exact: true }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Signed in');
  await expect(page.getByRole('heading', { name: 'Proof' })).toBeVisible();
  await page.getByRole('link', { name: 'All activity' }).click();
  await expect(page).toHaveURL(`${door.url}/app/activity`);
});

test('an event comes in by itself while the page is looked at', async ({ door, page, browser }) => {
  await door.enter(page);
  await page.goto(`${door.url}/app/activity?kind=signed-in`);
  const lines = page.locator('#events tbody tr');
  await expect(lines).toHaveCount(1);
  await page.waitForTimeout(500);
  const other = await browser.newContext();
  const elsewhere = await other.newPage();
  await door.signIn(elsewhere);
  await expect(elsewhere).toHaveURL(`${door.url}/app`);
  await expect(lines).toHaveCount(2, { timeout: 10_000 });
  await expect(page.locator('#news')).toHaveText('One new event.');
  await expect(lines.first().locator('time')).not.toContainText('UTC');
  await other.close();
});

test('activity can be sent elsewhere, and a test says what came of it', async ({ door, page }) => {
  await door.enter(page);
  await page.goto(`${door.url}/app/activity`);
  await page.getByRole('link', { name: 'Where it goes' }).click();
  await expect(page.getByText('Nowhere yet')).toBeVisible();
  await page.getByLabel('Name').fill('Group SIEM');
  await page.getByLabel('Address').fill('https://127.0.0.1:9/in');
  await page.getByRole('button', { name: 'Add it' }).click();
  await expect(page.locator('code.secret')).toContainText('dws_');
  await page.getByRole('button', { name: 'Send a test' }).click();
  await expect(page.getByText('The test did not arrive.')).toBeVisible();
  await expect(page.getByText('inner network').first()).toBeVisible();
  await expect(page.locator('code.secret')).toHaveCount(0);
  await page.getByRole('button', { name: 'Remove it' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove it' }).click();
  await expect(page.getByText('Nothing is sent there any more.')).toBeVisible();
  expect(OWNER.name).toContain('Mara');
});
