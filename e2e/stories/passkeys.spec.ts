// Passkeys in a real browser, with the authenticator that Chromium brings for tests (CDP, domain WebAuthn): added, offered in the e-mail field,
// used by the button and as second factor, by keyboard alone; refused in words; and pages that say so where a browser has none.
import AxeBuilder from '@axe-core/playwright';
import type { CDPSession, Page } from '@playwright/test';
import { expect, test, type Door } from './door';

/** The authenticator that is built into the device of this page, until it is taken out. */
class Authenticator {
  private constructor(
    private readonly cdp: CDPSession,
    private readonly id: string,
  ) {}

  static async in(page: Page): Promise<Authenticator> {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return new Authenticator(cdp, authenticatorId);
  }
  /** Whether somebody is there to touch it. Nobody: what is asked waits. */
  async touched(enabled: boolean): Promise<void> {
    await this.cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: this.id, enabled });
  }
  /** Whether the finger is the right one. */
  async verifies(isUserVerified: boolean): Promise<void> {
    await this.cdp.send('WebAuthn.setUserVerified', { authenticatorId: this.id, isUserVerified });
  }
  async count(): Promise<number> {
    const { credentials } = await this.cdp.send('WebAuthn.getCredentials', { authenticatorId: this.id });
    return credentials.length;
  }
  /** Puts its only key in anew, with something about it changed. */
  async change(what: { signCount?: number; credentialId?: string }): Promise<void> {
    const { credentials } = await this.cdp.send('WebAuthn.getCredentials', { authenticatorId: this.id });
    const [key] = credentials;
    if (!key) throw new Error('there is no key');
    await this.cdp.send('WebAuthn.removeCredential', { authenticatorId: this.id, credentialId: key.credentialId });
    await this.cdp.send('WebAuthn.addCredential', { authenticatorId: this.id, credential: { ...key, ...what } });
  }
}

/** A browser that does not ask in the e-mail field, so that only the button does. */
async function onlyByButton(page: Page): Promise<void> {
  await page.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
  });
}

async function signOut(page: Page, door: Door): Promise<void> {
  await page.goto(`${door.url}/app`);
  await page.locator('form[action="/sign-out"] button').first().click();
  await expect(page).toHaveURL(`${door.url}/sign-in`);
}

/** Adds a passkey from My security, as its owner would. */
async function add(page: Page, door: Door, name: string): Promise<void> {
  await page.goto(`${door.url}/app/security/passkey`);
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Add the passkey' }).click();
  await expect(page).toHaveURL(/\/app\/security\?done=passkey/);
  await expect(page.getByText(name).first()).toBeVisible();
}

test('a passkey is added, and the e-mail field offers it the next time', async ({ door, page }) => {
  const key = await Authenticator.in(page);
  await door.enter(page);
  await add(page, door, 'Work laptop');
  expect(await key.count()).toBe(1);
  // Signing out leads to the door, where conditional UI asks by itself; with nobody to touch it, it waits.
  await key.touched(false);
  await signOut(page, door);
  await expect(page.getByRole('button', { name: 'Use a passkey' })).toBeVisible();
  await expect(page).toHaveURL(`${door.url}/sign-in`);
  await key.touched(true);
  await page.goto(`${door.url}/sign-in?next=/app/activity`);
  await expect(page).toHaveURL(`${door.url}/app/activity`);
});

test('while one answer is under way no second one is sent', async ({ door, page }) => {
  const key = await Authenticator.in(page);
  await door.enter(page);
  await add(page, door, 'Work laptop');
  await key.touched(false);
  await signOut(page, door);
  let sent = 0;
  await page.route('**/sign-in/passkey/finish*', async (route) => {
    sent += 1;
    await page.locator('[data-passkey="door"]').evaluate((button: HTMLButtonElement) => button.click());
    await route.continue();
  });
  await page.goto('about:blank');
  await key.touched(true);
  await page.goto(`${door.url}/sign-in`);
  await expect(page).toHaveURL(`${door.url}/app`);
  expect(sent).toBe(1);
});

test('the button signs in with one touch, by keyboard alone', async ({ door, page }) => {
  const key = await Authenticator.in(page);
  await door.enter(page);
  await add(page, door, 'Work laptop');
  await key.touched(false);
  await signOut(page, door);
  const button = page.getByRole('button', { name: 'Use a passkey' });
  await expect(button).toBeVisible();
  for (let n = 0; n < 12 && !(await button.evaluate((it) => it === document.activeElement)); n++) await page.keyboard.press('Tab');
  await expect(button).toBeFocused();
  await key.touched(true);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${door.url}/app`);
});

test('on a shared device a passkey leaves nothing behind', async ({ door, page }) => {
  const key = await Authenticator.in(page);
  await door.enter(page);
  await add(page, door, 'Own key');
  await key.touched(false);
  await signOut(page, door);
  const sent = page.waitForRequest((request) => request.url().includes('/sign-in/passkey/finish'));
  await page.getByLabel(/shared or public device/).check();
  await key.touched(true);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  const body = (await sent).postDataJSON() as Record<string, unknown>;
  expect(body.shared_device).toBe(true);
  expect(String(body.device_proof)).not.toBe('');
  await expect(page).toHaveURL(`${door.url}/app`);
  const session = (await page.context().cookies()).find((cookie) => cookie.name === 'doorward_session');
  expect(session?.expires, 'the session goes with the browser').toBe(-1);
});

test('after the password a passkey is the second factor', async ({ door, page }) => {
  const key = await Authenticator.in(page);
  await door.enter(page);
  await add(page, door, 'Work laptop');
  await key.touched(false);
  await signOut(page, door);
  await door.signIn(page);
  await expect(page).toHaveURL(`${door.url}/sign-in/factor`);
  await key.touched(true);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(page).toHaveURL(`${door.url}/app`);
});

test('a wrong finger and a copied key are refused in words, and the password remains', async ({ door, page }) => {
  await onlyByButton(page);
  const key = await Authenticator.in(page);
  await door.enter(page);
  await add(page, door, 'Work laptop');
  await key.touched(false);
  await key.change({ signCount: 1000 });
  await signOut(page, door);
  const button = page.getByRole('button', { name: 'Use a passkey' });
  const said = page.locator('[data-passkey-said]');
  await expect(button).toBeVisible();
  await key.verifies(false);
  await key.touched(true);
  await button.click();
  await expect(said).toContainText('Try again, or use another way');
  await expect(page).toHaveURL(`${door.url}/sign-in`);
  await key.verifies(true);
  await button.click();
  await expect(page).toHaveURL(`${door.url}/app`);
  await key.touched(false);
  await key.change({ signCount: 0 });
  await signOut(page, door);
  await expect(button).toBeVisible();
  await key.touched(true);
  await button.click();
  await expect(said).toContainText('may have been copied');
  await key.touched(false);
  const results = await new AxeBuilder({ page }).analyze();
  expect(results.violations).toEqual([]);
  await door.signIn(page);
  await expect(page).toHaveURL(`${door.url}/sign-in/factor`);
});

test('a passkey that is not known here is refused in words, and nothing asks for ever', async ({ door, page }) => {
  const key = await Authenticator.in(page);
  await door.enter(page);
  await add(page, door, 'Old laptop');
  await key.touched(false);
  await key.change({ credentialId: Buffer.alloc(32, 7).toString('base64') });
  await signOut(page, door);
  const button = page.getByRole('button', { name: 'Use a passkey' });
  await expect(button).toBeVisible();
  let asked = 0;
  page.on('request', (request) => (asked += Number(request.url().includes('/sign-in/passkey/start'))));
  // The question in the e-mail field may be answered before the button's; then the browser forgets the key, and the button finds none. What was
  // said stays noted.
  await page.locator('[data-passkey-said]').evaluate((region) => {
    const note = () => (document.body.dataset.said = `${document.body.dataset.said ?? ''}|${region.textContent}`);
    new MutationObserver(note).observe(region, { childList: true, characterData: true, subtree: true });
  });
  await key.touched(true);
  await button.click();
  await expect(page.locator('body')).toHaveAttribute('data-said', /not known here/);
  await page.waitForTimeout(2000);
  await expect(page).toHaveURL(`${door.url}/sign-in`);
  expect(asked).toBeLessThan(8);
});

test('a second key on the same device is refused by the browser, in words', async ({ door, page }) => {
  await Authenticator.in(page);
  await door.enter(page);
  await add(page, door, 'Work laptop');
  await page.goto(`${door.url}/app/security/passkey`);
  await page.getByRole('button', { name: 'Add the passkey' }).click();
  await expect(page.locator('[data-passkey-said]')).toContainText('has a passkey for you here already');
});

test('a passkey confirms before something delicate and unlocks', async ({ door, page }) => {
  test.skip(!door.canMoveTime, 'needs faketime');
  await Authenticator.in(page);
  await door.enter(page);
  await add(page, door, 'Work laptop');
  door.advance(16);
  await page.goto(`${door.url}/app/security/passkey`);
  await expect(page).toHaveURL(/\/app\/step-up\?/);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(page).toHaveURL(`${door.url}/app/security/passkey`);
  await page.goto(`${door.url}/app/activity`);
  door.advance(16 + 31);
  await page.reload();
  await expect(page).toHaveURL(/\/app\/unlock\?next=/);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(page).toHaveURL(`${door.url}/app/activity`);
});

test('where a browser has no passkeys no button promises one', async ({ door, page, browser }) => {
  await door.setUp(page);
  const bare = await browser.newPage();
  await bare.addInitScript(() => Reflect.deleteProperty(window, 'PublicKeyCredential'));
  await bare.goto(`${door.url}/sign-in`);
  await expect(bare.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
  await expect(bare.locator('[data-passkey]')).toBeHidden();
  await bare.close();
  const plain = await browser.newContext({ javaScriptEnabled: false });
  const still = await plain.newPage();
  await still.goto(`${door.url}/sign-in`);
  await expect(still.getByRole('button', { name: 'Use a passkey' })).toHaveCount(0);
  await plain.close();
});
