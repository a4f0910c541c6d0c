// Inviting and joining, with a real browser and a real mail server: from the list to the mail to the first sign-in, by keyboard and at 320 px.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { OWNER } from './door';
import { expect, linkIn, test } from './mailserver';

// A mail server and two browsers: longer than the other stories on a busy machine.
test.describe.configure({ timeout: 150_000 });

const INES = { name: 'Ines Ivers', email: 'ines@northwind.example', password: 'copper kettle beside the harbour' };

async function clean(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  expect(violations.flatMap((v) => v.nodes.map((node) => `${page.url()}: ${v.id}: ${node.html}`))).toEqual([]);
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  expect(wide, page.url()).toBeLessThanOrEqual(room);
}

test('invited, mailed, joined, signed in, kept out', async ({ door, page, post, browser }) => {
  await door.enter(page);
  await page.goto(`${door.url}/app/people`);
  await expect(page.getByRole('heading', { name: 'People', level: 1 })).toBeVisible();
  await clean(page);
  await page.getByRole('link', { name: 'Invite somebody' }).click();
  await clean(page);
  await page.getByLabel('Name').fill(INES.name);
  await page.getByLabel('E-mail address').fill(INES.email);
  await page.locator('select[name=role]').selectOption({ label: 'Technician' });
  await page.getByRole('button', { name: 'Send the invitation' }).click();
  await expect(page.getByText('The invitation is on its way.')).toBeVisible();
  await expect(page.getByRole('row', { name: /Ines Ivers/ })).toContainText('invited');

  const came = await post.mail(INES.email, `Join ${OWNER.organisation}`);
  const context = await browser.newContext({ viewport: { width: 320, height: 700 }, colorScheme: 'dark' });
  const hers = await context.newPage();
  await hers.goto(linkIn(came, '/invitation'));
  await clean(hers);
  await expect(hers.getByLabel('Your name')).toHaveValue(INES.name);
  await hers.locator('input[name=password]').fill('short');
  await hers.getByRole('button', { name: 'Join' }).click();
  await expect(hers.getByText('at least 15 characters').first()).toBeVisible();
  await clean(hers);
  await hers.locator('input[name=password]').fill(INES.password);
  await hers.keyboard.press('Enter');
  await expect(hers).toHaveURL(`${door.url}/sign-in`);
  await hers.getByLabel('E-mail address').fill(INES.email);
  await hers.locator('input[name=password]').fill(INES.password);
  await hers.keyboard.press('Enter');
  await expect(hers).toHaveURL(`${door.url}/app`);
  await hers.goto(linkIn(came, '/invitation'));
  await expect(hers.getByRole('heading', { name: 'This invitation does not work any more' })).toBeVisible();
  await clean(hers);

  await page.setViewportSize({ width: 320, height: 700 });
  await page.goto(`${door.url}/app/people?q=ines`);
  await clean(page);
  await page.getByRole('link', { name: INES.name }).click();
  await clean(page);
  await page.getByRole('button', { name: 'Disable' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
  await expect(page.getByText('They are kept out from now on.')).toBeVisible();
  await hers.goto(`${door.url}/app`);
  await expect(hers).toHaveURL(/\/sign-in/);
  await context.close();
});

test('the list works by keyboard, for many at once', async ({ door, page, post }) => {
  await door.enter(page);
  for (const name of ['Ana', 'Bert']) {
    await page.goto(`${door.url}/app/people/invite`);
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('E-mail address').fill(`${name.toLowerCase()}@northwind.example`);
    await page.keyboard.press('Enter');
    await expect(page.getByText('The invitation is on its way.')).toBeVisible();
  }
  await post.mail('ana@northwind.example', `Join ${OWNER.organisation}`);
  await page.goto(`${door.url}/app/people`);
  // Whoever is invited has no box; the owner's own box refuses to take them out, in words.
  const boxes = page.getByRole('checkbox');
  await expect(boxes).toHaveCount(1);
  await boxes.focus();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'You cannot do this to yourself.' })).toBeVisible();
  await page.getByLabel('State').selectOption('invited');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page.getByRole('row')).toHaveCount(3);
  await page.getByRole('link', { name: 'Bert' }).click();
  await page.getByRole('button', { name: 'Withdraw' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
  await expect(page.getByText('The invitation is withdrawn.')).toBeVisible();
});
