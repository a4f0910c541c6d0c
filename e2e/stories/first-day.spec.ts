// The first day of somebody who has never seen Doorward, from the printed link to signing out.
import { expect, OWNER, test } from './door';

test('from the printed link to home, the session and out again', async ({ door, page }) => {
  await door.setUp(page);
  await door.signIn(page);
  await expect(page).toHaveURL(`${door.url}/app`);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Mara');
  await page.getByRole('navigation').getByRole('link', { name: 'My security' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('My security');
  await expect(page.getByText(/Chrom(e|ium) on Linux/).first()).toBeVisible();
  await page.locator('form[action="/sign-out"] button').first().click();
  await expect(page).toHaveURL(`${door.url}/sign-in`);
  await page.goto(`${door.url}/app`);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
});

test('after signing out the back button shows nothing', async ({ door, page }) => {
  await door.enter(page);
  await page.goto(`${door.url}/app/activity`);
  await page.locator('form[action="/sign-out"] button').first().click();
  await expect(page).toHaveURL(`${door.url}/sign-in`);
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('Activity');
});

test('a wrong password and a lock are told in words', async ({ door, page }) => {
  await door.enter(page);
  await page.locator('form[action="/sign-out"] button').first().click();
  await door.signIn(page, 'surely not the right one');
  await expect(page.getByRole('alert').first()).toContainText('do not match');
  await expect(page.getByLabel('E-mail address')).toHaveValue(OWNER.email);
  for (let n = 0; n < 10; n++) await door.signIn(page, 'surely not the right one');
  await expect(page.getByText('Too many wrong passwords').first()).toBeVisible();
  await expect(page.getByText(/1[45] minutes/).first()).toBeVisible();
});

test('a session left alone locks, and the password goes on where it was', async ({ door, page }) => {
  test.skip(!door.canMoveTime, 'needs faketime');
  await door.enter(page);
  await page.goto(`${door.url}/app/activity`);
  door.advance(31);
  await page.reload();
  await expect(page).toHaveURL(/\/app\/unlock\?next=/);
  await page.locator('input[name=password]').fill(OWNER.password);
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page).toHaveURL(`${door.url}/app/activity`);
});

test('nothing is fetched from elsewhere and the console stays silent', async ({ door, page }) => {
  const foreign: string[] = [];
  const said: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(door.url) && !request.url().startsWith('data:')) foreign.push(request.url());
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(String(error)));
  await door.enter(page);
  for (const path of ['/app/security', '/app/activity', '/app/settings', '/help', '/app']) await page.goto(door.url + path);
  expect(foreign).toEqual([]);
  expect(said).toEqual([]);
});
