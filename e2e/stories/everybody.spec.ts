// Everybody can use it: by keyboard, without JavaScript, on a narrow screen, enlarged, in the dark, with a screen reader.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, OWNER, test } from './door';
import { Keyboard } from './keyboard';

const HOUSE = ['/app', '/app/security', '/app/security/add', '/app/security/approvals', '/app/roles', '/app/roles/new', '/app/policies', '/app/organisations', '/app/organisation', '/app/devices', '/app/activity', '/app/activity/places', '/app/settings', '/app/settings/sites', '/app/settings/messages', '/app/agents', '/app/agents/pair', '/app/keys', '/pair', '/help'];
const DOOR = ['/sign-in', '/forgot', '/no-such-page', '/help'];

async function clean(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  const told = violations.flatMap((v) => v.nodes.map((node) => `${where}: ${v.id}: ${node.html} ${node.failureSummary ?? ''}`));
  expect(told).toEqual([]);
  // Nothing in a list is squeezed to a letter a line.
  const squeezed = await page.locator('.list .what b').evaluateAll((names) =>
    names.filter((name) => name.getBoundingClientRect().height > 5 * parseFloat(getComputedStyle(name).fontSize)).map((name) => name.textContent),
  );
  expect(squeezed, where).toEqual([]);
}

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('set-up, signing in, looking round and signing out work without JavaScript', async ({ door, page }) => {
    await door.enter(page);
    for (const path of HOUSE) {
      await page.goto(door.url + path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    }
    await page.goto(`${door.url}/app`);
    await page.locator('form[action="/sign-out"] button').first().click();
    await expect(page).toHaveURL(`${door.url}/sign-in`);
  });
});

test('signing in and out works by keyboard alone', async ({ door, page }) => {
  await door.setUp(page);
  await page.goto(`${door.url}/sign-in`);
  const keys = new Keyboard(page);
  await keys.write(page.locator('input[name=email]'), OWNER.email);
  await keys.write(page.locator('input[name=password]'), OWNER.password, true);
  await expect(page).toHaveURL(`${door.url}/app`);
  await keys.to(page.locator('form[action="/sign-out"] button').first());
  const outline = await page.evaluate(() => {
    const style = getComputedStyle(document.activeElement as Element);
    return style.outlineStyle !== 'none' || style.boxShadow !== 'none';
  });
  expect(outline, 'the focus is visible').toBe(true);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${door.url}/sign-in`);
});

for (const width of [320, 640]) {
  test(`no page scrolls sideways at ${width} pixels`, async ({ door, page }) => {
    await page.setViewportSize({ width, height: 700 });
    const narrow = async (path: string) => {
      await page.goto(path);
      const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      expect(wide, path).toBeLessThanOrEqual(room);
    };
    await narrow(door.setupLink);
    await door.setUp(page);
    for (const path of DOOR) await narrow(door.url + path);
    await door.signIn(page);
    for (const path of HOUSE) await narrow(door.url + path);
  });
}

for (const scheme of ['light', 'dark'] as const) {
  test.describe(scheme, () => {
    test.use({ colorScheme: scheme });
    test(`axe finds nothing on any page in ${scheme}`, async ({ door, page }) => {
      await page.goto(door.setupLink);
      await clean(page, 'set-up');
      await page.getByRole('button', { name: 'Create the owner' }).evaluate((button: HTMLButtonElement) => { if (button.form) button.form.noValidate = true; });
      await page.getByRole('button', { name: 'Create the owner' }).click();
      await clean(page, 'set-up with errors');
      await door.setUp(page);
      for (const path of DOOR) {
        await page.goto(door.url + path);
        await clean(page, path);
      }
      await door.signIn(page, 'surely not the right one');
      await clean(page, 'a wrong password');
      await door.signIn(page);
      for (const path of HOUSE) {
        await page.goto(door.url + path);
        await clean(page, path);
      }
      if (door.canMoveTime) {
        door.advance(31);
        await page.goto(`${door.url}/app`);
        await clean(page, 'the lock');
      }
    });
  });
}
