/// <reference lib="dom" />
import type { Locator, Page } from 'playwright-core';
import { findViolations, overflowsSideways } from './accessibility.ts';

/** The Databases screen as a person meets it: by roles and names only. */
export class DatabasesPage {
  readonly page: Page;
  /** What the console and the page complained about; a content security policy violation shows here. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.getByRole('heading', { level: 1, name: 'Databases' }).waitFor();
  }

  name(database: string): Locator {
    return this.page.getByRole('main').getByRole('link', { name: database, exact: true });
  }

  row(database: string): Locator {
    const name = this.page.getByRole('link', { name: database, exact: true });
    return this.page.getByRole('main').getByRole('listitem').filter({ has: name });
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** The names in the list, top to bottom. */
  async names(): Promise<string[]> {
    return this.page.locator('main [data-database-name]').allTextContents();
  }

  /** The message that was said last; empty when none is shown. */
  async announcement(): Promise<string> {
    return (await this.page.locator('output').last().textContent()) ?? '';
  }

  /** What is on the clipboard, by pasting it: the page itself may not read it. */
  async paste(): Promise<string> {
    const filter = this.page.getByLabel('Filter databases');
    // A menu that closes gives the focus back, and copying takes a moment.
    for (let tries = 0; tries < 50; tries += 1) {
      await filter.focus();
      await this.page.keyboard.press('ControlOrMeta+V');
      const pasted = await filter.inputValue();
      await filter.fill('');
      if (pasted !== '') return pasted;
    }
    return '';
  }

  hasFocus(target: Locator): Promise<boolean> {
    // In the editor the document knows its host alone.
    return target.evaluate(
      (element) => (element.getRootNode() as Document | ShadowRoot).activeElement === element,
    );
  }

  /** The computed style of the root or body, as the theme made it. */
  style(element: 'html' | 'body', property: 'colorScheme' | 'backgroundColor'): Promise<string> {
    return this.page.locator(element).evaluate((found, name) => getComputedStyle(found)[name], property);
  }

  /** What has the focus, by its label, and whether one sees that it has; null when nothing has. */
  focused(): Promise<{ readonly label: string; readonly isMarked: boolean } | null> {
    return this.page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const label = element.getAttribute('aria-label') ?? element.textContent ?? '';
      return { label, isMarked: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2 };
    });
  }

  /** Presses Tab until the element has the focus, as a person without a mouse does. */
  async tabTo(target: Locator): Promise<void> {
    for (let step = 0; step < 60; step += 1) {
      if (await this.hasFocus(target)) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error('60 steps of Tab did not reach the element');
  }

  /** What axe finds against WCAG 2.2 AA, one line a finding. */
  accessibilityFindings(): Promise<string[]> {
    return findViolations(this.page);
  }

  /** Whether anything is wider than the window. */
  overflowsSideways(): Promise<boolean> {
    return overflowsSideways(this.page);
  }
}
