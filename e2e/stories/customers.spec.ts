// Customers as a provider has them: made, entered, suspended; and a policy that shows whom it stops before it is saved.
import { expect, OWNER, test } from './door';

test('a customer is made, entered, suspended and opened again', async ({ door, page }) => {
  await door.enter(page);
  await page.getByRole('navigation').getByRole('link', { name: 'Customers' }).click();
  await expect(page.getByText('No customers yet.')).toBeVisible();
  await page.getByLabel('Name').fill('Contoso');
  await page.getByRole('button', { name: 'Make the customer' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Contoso');
  await expect(page.getByText(OWNER.name, { exact: true }).last()).toBeVisible();
  await page.getByRole('button', { name: 'Go there' }).click();
  await expect(page).toHaveURL(`${door.url}/app`);
  await expect(page.getByRole('navigation')).toContainText('Contoso');
  await page.getByRole('link', { name: 'Another organisation', exact: true }).click();
  await page.getByRole('button', { name: `Go to ${OWNER.organisation}` }).click();
  await expect(page.getByRole('navigation')).toContainText(OWNER.organisation);
  await page.goto(`${door.url}/app/organisations`);
  await page.getByRole('link', { name: 'Contoso' }).click();
  await page.getByRole('button', { name: 'Suspend it' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Suspend it' }).click();
  await expect(page.getByText('It is suspended: from now on nobody gets in.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Go there' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Open it again' }).click();
  await expect(page.getByRole('button', { name: 'Go there' })).toBeVisible();
});

test('a policy shows whom it stops before it is saved', async ({ door, page }) => {
  await door.enter(page);
  await page.goto(`${door.url}/app/policies`);
  await page.getByLabel('Hours of grace').fill('0');
  await page.getByRole('button', { name: 'Save second factors' }).click();
  await expect(page.getByText('This stops 1 person and 0 agents: at once.')).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: OWNER.email })).toContainText('at once');
  await page.getByRole('link', { name: 'Leave it as it is' }).click();
  await expect(page.getByLabel('Hours of grace')).toHaveValue('');
  await page.getByLabel('Hours of grace').fill('0');
  await page.getByRole('button', { name: 'Save second factors' }).click();
  await page.getByRole('button', { name: 'Save it all the same' }).click();
  await expect(page).toHaveURL(`${door.url}/app/security/add?required`);
});

test('customers and sites are made without JavaScript on a narrow screen', async ({ door, browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 700 } });
  const page = await context.newPage();
  await door.enter(page);
  await page.goto(`${door.url}/app/organisations`);
  await page.locator('input[name=name]').fill('Contoso');
  await page.getByRole('button', { name: 'Make the customer' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Contoso');
  await page.goto(`${door.url}/app/settings/sites`);
  await page.locator('input#name').fill('Leeds');
  await page.getByRole('button', { name: 'Add the site' }).click();
  await expect(page.getByText('The site is added.')).toBeVisible();
  await context.close();
});
