// Roles as an owner has them: a role of one's own, a group that holds it, and the question why.
import { expect, OWNER, test } from './door';

test('a role of one’s own is made, given by a group, and asked about', async ({ door, page }) => {
  await door.enter(page);
  await page.getByRole('navigation').getByRole('link', { name: 'Roles' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Roles');
  await page.getByRole('link', { name: 'New role' }).click();
  await page.getByLabel('Name').fill('Night desk');
  await page.getByLabel('What it is for').fill('After six');
  await page.getByLabel('See agents').check();
  await page.getByRole('button', { name: 'Make the role' }).click();
  await expect(page.getByText('The role is made.')).toBeVisible();
  await expect(page.getByRole('columnheader', { name: 'Night desk' })).toBeVisible();
  await page.getByLabel('Name of a new group').fill('Night shift');
  await page.getByRole('button', { name: 'Make the group' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Night shift');
  await page.getByLabel('Role', { exact: true }).selectOption({ label: 'Night desk' });
  await page.getByRole('button', { name: 'Give the role' }).click();
  await page.getByLabel('Name or e-mail address').fill(OWNER.email);
  await page.getByRole('button', { name: 'Add to the group' }).click();
  await expect(page.getByRole('button', { name: `Take out ${OWNER.name}` })).toBeVisible();
  await page.getByRole('link', { name: 'Roles' }).last().click();
  await page.getByLabel('Can', { exact: true }).fill(OWNER.email);
  await page.getByLabel('do', { exact: true }).selectOption({ label: 'See agents' });
  await page.getByRole('button', { name: 'Ask' }).click();
  await expect(page.locator('#answer')).toContainText('Yes.');
  await expect(page.locator('#answer')).toContainText('Night desk, by the group Night shift');
  await page.getByRole('button', { name: 'Who can?' }).click();
  await expect(page.locator('#answer')).toContainText(OWNER.name);
});

test('the table of roles is read by keyboard on a narrow screen', async ({ door, page }) => {
  await page.setViewportSize({ width: 320, height: 700 });
  await door.enter(page);
  await page.goto(`${door.url}/app/roles`);
  const table = page.getByLabel('Permissions of each role');
  await table.focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => table.evaluate((node) => node.scrollLeft)).toBeGreaterThan(0);
});
