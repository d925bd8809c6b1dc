import type { Locator, Page } from 'playwright-core';
import { findViolations } from './accessibility.ts';

/** The administrators' console in a browser, as a person meets it: by roles and names only. */
export class ConsolePage {
  readonly page: Page;
  readonly #origin: string;

  constructor(page: Page, origin: string) {
    this.page = page;
    this.#origin = origin;
  }

  /** Goes to a route, and waits until it has what it shows. */
  async open(route: string, heading: string | RegExp): Promise<void> {
    await this.page.goto(`${this.#origin}/console/#${route}`);
    await this.page.getByRole('heading', { level: 1, name: heading }).waitFor();
    await this.settled();
  }

  /** Nothing is read for the first time any more. */
  async settled(): Promise<void> {
    const reading = this.page.getByText(/^Reading .*…$/);
    while ((await reading.count()) > 0) await reading.first().waitFor({ state: 'detached', timeout: 30_000 });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }

  async choose(label: string, option: string | RegExp): Promise<void> {
    await this.page.getByRole('combobox', { name: label }).click();
    await this.page.getByRole('option', { name: option }).click();
  }

  /** What axe finds against WCAG 2.2 AA, one line a finding. */
  accessibilityFindings(): Promise<string[]> {
    return findViolations(this.page);
  }
}
