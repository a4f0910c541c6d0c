// Getting back in, with a real browser and a real mail server: the mail that arrives or says why, and every way back.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { OWNER, type Door } from './door';
import { expect, linkIn, test } from './mailserver';

// A mail server, a browser and sometimes two: longer than the other stories on a busy machine.
test.describe.configure({ timeout: 150_000 });

const NEW = 'copper kettle beside the harbour';
const RESET = 'Set a new password';
const SIGN_IN = 'New sign-in to your account';

async function forget(door: Door, page: Page, email = OWNER.email): Promise<void> {
  await page.goto(`${door.url}/sign-in`);
  await page.getByRole('link', { name: 'Forgot password?' }).click();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page).toHaveURL(`${door.url}/reset`);
}

async function setNew(page: Page, password = NEW): Promise<void> {
  await page.getByLabel('New password').fill(password);
  await page.getByRole('button', { name: 'Set the password' }).click();
}

/** A browser that the owner has signed in from and left. */
async function known(door: Door, page: Page): Promise<void> {
  await door.enter(page);
  await page.locator('form[action="/sign-out"] button').first().click();
  await expect(page).toHaveURL(`${door.url}/sign-in`);
}

async function clean(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  expect(violations.flatMap((v) => v.nodes.map((node) => `${page.url()}: ${v.id}: ${node.html}`))).toEqual([]);
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  expect(wide, page.url()).toBeLessThanOrEqual(room);
}

test('forgotten, mailed, set anew, signed in', async ({ door, page, post }) => {
  await page.setViewportSize({ width: 320, height: 700 });
  await door.setUp(page);
  await page.goto(`${door.url}/forgot`);
  await clean(page);
  await forget(door, page);
  await clean(page);
  const came = await post.mail(OWNER.email, RESET);
  expect(came.isPrivate && came.user === 'doorward').toBe(true);
  expect(came.recipients).toEqual([OWNER.email]);
  expect(came.sender).toMatch(/^door\+[0-9a-f]{32}@northwind\.example$/);
  expect(came.mail.headers.filter((header) => header.key === 'auto-submitted').map((header) => header.value)).toEqual(['auto-generated']);
  await page.goto(linkIn(came, '/reset'));
  await clean(page);
  await setNew(page);
  await expect(page).toHaveURL(`${door.url}/sign-in`);
  await door.signIn(page, NEW);
  await expect(page).toHaveURL(`${door.url}/app`);
  await post.mail(OWNER.email, 'A new password was set by mail');
});

test('by the code, in the browser that asked', async ({ door, page, post }) => {
  await door.setUp(page);
  await forget(door, page);
  const came = await post.mail(OWNER.email, RESET);
  const code = /asked for it: (\S+)/.exec(came.mail.text ?? '')?.[1] ?? '';
  await page.getByLabel('Code from the mail').fill(code.toLowerCase());
  await setNew(page);
  await expect(page).toHaveURL(`${door.url}/sign-in`);
  await door.signIn(page, NEW);
  await expect(page).toHaveURL(`${door.url}/app`);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('the whole way works without JavaScript', async ({ door, page, post }) => {
    await door.setUp(page);
    await forget(door, page);
    await page.goto(linkIn(await post.mail(OWNER.email, RESET), '/reset'));
    await setNew(page);
    await expect(page).toHaveURL(`${door.url}/sign-in`);
    await door.signIn(page, NEW);
    await expect(page).toHaveURL(`${door.url}/app`);
  });
});

test('while the mail server is down the page says so, and the mail leaves when it is back', async ({ door, page, post, browser }) => {
  test.skip(!door.canMoveTime, 'needs faketime');
  await known(door, page);
  await post.stop();
  await forget(door, page);
  await expect(page.getByText('has not taken it yet')).toBeVisible({ timeout: 15_000 });
  const other = await browser.newContext();
  const signedIn = await other.newPage();
  await door.signIn(signedIn);
  await expect(signedIn, 'others sign in unhurt').toHaveURL(`${door.url}/app`);
  await post.start();
  door.advance(3);
  const came = await post.mail(OWNER.email, RESET);
  await expect(page.getByText('took it')).toBeVisible({ timeout: 20_000 });
  await post.mail(OWNER.email, SIGN_IN);
  await page.goto(linkIn(came, '/reset'));
  await setNew(page);
  await expect(page).toHaveURL(`${door.url}/sign-in`);
  expect(post.came.filter((one) => one.mail.subject === RESET).length, 'each message is sent once').toBe(1);
  await other.close();
});

test('a mailbox that does not exist is told to the owner’s device in the server’s words, and to nobody else', async ({ door, page, post, browser }) => {
  await known(door, page);
  post.mood = { at: 'recipient', does: 'refuse' };
  await forget(door, page);
  await expect(page.getByText('mailbox does not exist at northwind')).toBeVisible({ timeout: 20_000 });
  const other = await browser.newContext();
  const stranger = await other.newPage();
  await forget(door, stranger);
  await expect.poll(() => post.steps.filter((step) => step === 'recipient').length).toBeGreaterThan(1);
  await stranger.reload();
  await expect(stranger.getByText('If there is an account')).toBeVisible();
  await expect(stranger.getByText('does not exist')).toHaveCount(0);
  await other.close();
});

for (const at of ['connect', 'login', 'sender', 'recipient', 'data'] as const) {
  for (const does of ['defer', 'drop'] as const) {
    test(`a server that will ${does} at ${at} gets the mail later, once`, async ({ door, page, post }) => {
      test.skip(!door.canMoveTime, 'needs faketime');
      await door.setUp(page);
      post.mood = { at, does };
      await forget(door, page);
      await expect.poll(() => post.steps.filter((step) => step === at).length, { timeout: 15_000 }).toBeGreaterThan(0);
      expect(post.came).toEqual([]);
      post.mood = undefined;
      door.advance(5);
      await page.goto(linkIn(await post.mail(OWNER.email, RESET), '/reset'));
      await setNew(page);
      await expect(page).toHaveURL(`${door.url}/sign-in`);
      await post.mail(OWNER.email, 'A new password was set by mail');
      expect(post.came.filter((one) => one.mail.subject === RESET).length).toBe(1);
    });
  }
}

test('a mail server that hangs holds nobody up', async ({ door, page, post }) => {
  await door.setUp(page);
  post.mood = { at: 'recipient', does: 'hang' };
  await forget(door, page);
  await expect.poll(() => post.steps.includes('recipient'), { timeout: 15_000 }).toBe(true);
  // It hangs for as long as this story is told: whoever is in did not wait for it.
  await door.signIn(page);
  await expect(page).toHaveURL(`${door.url}/app`);
  expect(post.came).toEqual([]);
});

test.describe('with a certificate of nobody’s trust', () => {
  test.use({ trusts: false });
  test('nothing is said to the mail server, and the page says that mail waits', async ({ door, page, post }) => {
    await known(door, page);
    await forget(door, page);
    await expect(page.getByText('has not taken it yet')).toBeVisible({ timeout: 20_000 });
    expect(post.steps.filter((step) => step !== 'connect')).toEqual([]);
    expect(post.came).toEqual([]);
  });
});

test('an expired link says so and offers a new one', async ({ door, page, post }) => {
  test.skip(!door.canMoveTime, 'needs faketime');
  await door.setUp(page);
  await forget(door, page);
  const link = linkIn(await post.mail(OWNER.email, RESET), '/reset');
  door.advance(31);
  await page.goto(link);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link does not work any more');
  await clean(page);
  await page.getByRole('link', { name: 'Ask for a new link' }).click();
  await page.getByLabel('E-mail address').fill(OWNER.email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.goto(linkIn(await post.mail(OWNER.email, RESET, 2), '/reset'));
  await setNew(page);
  await expect(page).toHaveURL(`${door.url}/sign-in`);
});

test('a change of address is confirmed, and undone from the old one', async ({ door, page, post }) => {
  const next = 'mara.new@northwind.example';
  await door.enter(page);
  await page.goto(`${door.url}/app/security`);
  await page.getByLabel('New e-mail address').fill(next);
  await page.locator('input[name=email_password]').fill(OWNER.password);
  await page.locator('form[action="/app/security/email"] button').last().click();
  await page.goto(linkIn(await post.mail(next, 'Confirm your new e-mail address'), '/email/confirm'));
  await clean(page);
  await page.getByRole('button', { name: 'Confirm this address' }).click();
  const told = await post.mail(OWNER.email, 'Your e-mail address was changed');
  await page.goto(linkIn(told, '/email/undo'));
  await clean(page);
  await page.getByRole('button', { name: 'Undo the change' }).click();
  await expect(page).toHaveURL(/\/reset\?token=/);
  await setNew(page);
  await expect(page).toHaveURL(`${door.url}/sign-in`);
  await door.signIn(page, NEW);
  await expect(page).toHaveURL(/\/app/);
});

test('“this was not me” ends every session and leads to a new password', async ({ door, page, post, browser }) => {
  await door.enter(page);
  const other = await browser.newContext({ userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0' });
  const stranger = await other.newPage();
  await door.signIn(stranger);
  await expect(stranger).toHaveURL(`${door.url}/app`);
  const mine = await browser.newContext();
  const phone = await mine.newPage();
  await phone.goto(linkIn(await post.mail(OWNER.email, SIGN_IN), '/not-me'));
  await clean(phone);
  await stranger.reload();
  await expect(stranger, 'opening the link did something').toHaveURL(`${door.url}/app`);
  await phone.getByRole('button', { name: 'End all sessions' }).click();
  await expect(phone).toHaveURL(/\/reset\?token=/);
  await stranger.reload();
  await expect(stranger).toHaveURL(/\/sign-in/);
  await setNew(phone);
  await expect(phone).toHaveURL(`${door.url}/sign-in`);
  await other.close();
  await mine.close();
});
