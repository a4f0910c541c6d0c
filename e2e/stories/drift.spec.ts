// A phone whose clock is wrong: the page says which way and how far, and two codes in a row put it right. On the day after, its codes just work.
import AxeBuilder from '@axe-core/playwright';
import { addApp, code } from './app';
import { expect, test } from './door';

/** Half minutes in so many minutes. */
const steps = (minutes: number): number => minutes * 2;

test('a slow phone is told so, two codes in a row put it right, and its codes work from then on', async ({ door, page }) => {
  test.skip(!door.canMoveTime, 'needs faketime');
  await door.enter(page);
  const secret = await addApp(door, page);
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.locator('form[action="/sign-out"] button').first().click();
  // Long after, so that no code of then stands near. The phone, and this machine, are where they were, less four minutes.
  door.advance(30);
  const shown = (minutes: number, more = 0) => code(secret, steps(minutes - 4) + more);
  await door.signIn(page);
  const field = page.getByLabel('Six-digit code');
  const confirm = page.getByRole('button', { name: 'Confirm' });
  await field.fill(shown(30));
  await confirm.click();
  const told = page.getByRole('alert');
  await expect(told).toContainText('Your phone’s clock is about 4 minutes slow');
  await expect(told).toContainText('Turn on automatic date and time on your phone');
  await expect(told).toContainText('Four tries left.');
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations).toEqual([]);

  await expect(page.getByText('enter two codes in a row')).toBeVisible();
  await field.fill(`${shown(30)} ${shown(30, 1)}`);
  await confirm.click();
  await expect(page).toHaveURL(`${door.url}/app`);
  await page.goto(`${door.url}/app/security`);
  await expect(page.getByText(/4 minutes (slow|behind)/).first()).toBeVisible();

  await page.locator('form[action="/sign-out"] button').first().click();
  door.advance(60);
  await door.signIn(page);
  await field.fill(shown(60));
  await confirm.click();
  await expect(page, 'the clock was not learned').toHaveURL(`${door.url}/app`);
});

test('a fast phone is told so, and its code lets nobody in later', async ({ door, page }) => {
  test.skip(!door.canMoveTime, 'needs faketime');
  await door.enter(page);
  const secret = await addApp(door, page);
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.locator('form[action="/sign-out"] button').first().click();
  door.advance(30);
  await door.signIn(page);
  const [field, confirm] = [page.getByLabel('Six-digit code'), page.getByRole('button', { name: 'Confirm' })];
  const early = code(secret, steps(36));
  await field.fill(early);
  await confirm.click();
  await expect(page.getByRole('alert')).toContainText('Your phone’s clock is fast');
  door.advance(36);
  await field.fill(early);
  await confirm.click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  await expect(page).toHaveURL(`${door.url}/sign-in/factor`);
});
