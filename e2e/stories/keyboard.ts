// Hands that never touch a mouse: Tab until something has the focus, then keys. A story that comes through with these works by keyboard alone.
import { expect, type Locator, type Page } from '@playwright/test';

/** So many stops of Tab no page of ours has. */
const MOST_STOPS = 120;

export class Keyboard {
  constructor(private readonly page: Page) {}

  /** Goes on to this element, as a person would: only forwards, and only by Tab. */
  async to(target: Locator): Promise<void> {
    await expect(target).toBeVisible();
    for (let stop = 0; stop < MOST_STOPS; stop++) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`Tab never came to ${target}`);
  }
  /** Follows a link, or presses a button. */
  async press(target: Locator): Promise<void> {
    await this.to(target);
    await this.page.keyboard.press('Enter');
  }
  /** Opens what is folded away. */
  async unfold(target: Locator): Promise<void> {
    await this.to(target);
    await this.page.keyboard.press('Space');
  }
  /** Writes into a field in place of what stands in it, and sends its form where asked to. */
  async write(target: Locator, words: string, sends = false): Promise<void> {
    await this.to(target);
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.type(words);
    if (sends) await this.page.keyboard.press('Enter');
  }
}
