// Nothing that axe finds, and nothing cut off, in the dark on the narrowest screen.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from './door';

export async function clean(page: Page): Promise<void> {
  const size = page.viewportSize();
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 320, height: 700 });
  // Colours on their way from light to dark are nobody's colours.
  await page.evaluate(() => {
    const moving = document.getAnimations().filter((one) => one instanceof CSSTransition);
    return Promise.all(moving.map((one) => one.finished.catch(() => undefined))).then(() => undefined);
  });
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  expect(violations.flatMap((v) => v.nodes.map((node) => `${page.url()}: ${v.id}: ${node.html} ${node.failureSummary ?? ''}`))).toEqual([]);
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  expect(wide, page.url()).toBeLessThanOrEqual(room);
  await page.emulateMedia({ colorScheme: 'light' });
  if (size) await page.setViewportSize(size);
}
