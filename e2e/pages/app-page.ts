/// <reference lib="dom" />
import type { Locator } from 'playwright-core';
import { DatabasesPage } from './databases-page.ts';

/** Any screen of the app, and the query editor above all, as a person meets them. */
export class AppPage extends DatabasesPage {
  /** Goes to an address of the app; `#/query` and the like. */
  async go(hash: string, heading: string): Promise<void> {
    await this.page.evaluate((to) => {
      location.hash = to;
    }, hash);
    await this.page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  }

  /** Opens the editor with a new tab for a database. */
  async openEditor(database = 'id-orders'): Promise<void> {
    await this.go(`#/query?db=${database}`, 'Query');
    await this.editor.waitFor();
  }

  get editor(): Locator {
    return this.page.getByRole('textbox', { name: 'SQL', exact: true });
  }

  get grid(): Locator {
    return this.page.getByRole('grid');
  }

  get results(): Locator {
    return this.page.getByRole('region', { name: 'Results' });
  }

  /** Writes a text in place of what is in the editor. */
  async write(sql: string): Promise<void> {
    await this.editor.focus();
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.insertText(sql);
  }

  /** Runs the statement at the cursor by its key. */
  async run(sql: string): Promise<void> {
    await this.write(sql);
    await this.page.keyboard.press('Control+Enter');
  }

  /** The cell or header that has the focus, as a screen reader hears it. */
  focusedCell(): Promise<{
    readonly row: number;
    readonly text: string;
    readonly description: string | null;
  }> {
    return this.page.evaluate(() => {
      const cell = document.activeElement;
      return {
        row: Number(cell?.parentElement?.getAttribute('aria-rowindex')),
        text: cell?.textContent ?? '',
        description: cell?.getAttribute('aria-description') ?? null,
      };
    });
  }

  /** Texts of a column's cells that are in the document, by the column's name. */
  async columnTexts(name: string): Promise<string[]> {
    const header = this.grid.getByRole('columnheader', { name: new RegExp(`^${name},`) });
    const index = await header.getAttribute('aria-colindex');
    return this.grid.locator(`[role=gridcell][aria-colindex="${index}"]`).allTextContents();
  }

  /** Elements of the whole page. */
  countNodes(): Promise<number> {
    return this.page.evaluate(() => document.querySelectorAll('*').length);
  }
}
