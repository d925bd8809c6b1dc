/**
 * A million rows by the whole way: PostgreSQL, agent with masks, engine, Chromium. Loaded, reached to the last row, searched,
 * copied and exported; the file is compared with what the server itself writes through the agent. Sizes and counts are
 * asserted, times are printed.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppPage } from '../pages/app-page.ts';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { heapMegabytes, watchLongTasks } from './budgets/in-page.ts';
import { type RunningSystem, startRunningSystem } from './running-system.ts';
import { findTool, mustRun } from './tools.ts';

const missing =
  findBrowser() === null
    ? 'Chromium is not installed'
    : findTool('psql', 'the export of a million rows') === null
      ? 'psql is not installed'
      : null;

const rows = 1_000_000;
const sql = `select c.id, g as n, c.name, c.email, c.phone, c.region, c.salary, (c.id * 100 + g) as code,
  'row ' || (c.id * 100 + g) as label, c.created_at::date as day
from customers c cross join generate_series(1, 50) g where c.id <= 20000 order by c.id, g`;
const maxHeapMegabytes = 300;
const copiedRows = 10_000;
const columns = 10;
/** The engine keeps going on a machine that does other things too. */
const patience = { timeout: 120_000, interval: 50 };

describe.skipIf(missing !== null)('a million rows of the sample shop', () => {
  const stack = new AsyncDisposableStack();
  let system: RunningSystem;
  let browser: Browser;
  let app: AppPage;
  let devtools: CDPSession;
  let folder: string;
  let heapBefore: number;

  beforeAll(async () => {
    [system, browser] = await Promise.all([startRunningSystem([], { ui: true }), launchBrowser()]);
    stack.use(system);
    stack.defer(() => browser.close());
    folder = await mkdtemp(join(tmpdir(), 'daam-million-'));
    stack.defer(() => rm(folder, { recursive: true }));
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    app = new AppPage(await context.newPage());
    app.page.setDefaultTimeout(60_000);
    await app.open(system.ready.desktop?.url ?? '');
    await app.page.getByRole('link', { name: 'Query shop' }).click();
    await app.editor.waitFor();
    devtools = await context.newCDPSession(app.page);
    heapBefore = await heapMegabytes(devtools);
  }, 300_000);
  afterAll(async () => await stack.disposeAsync());

  const rowCount = (): Promise<string | null> => app.grid.getAttribute('aria-rowcount');

  async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
    const begun = performance.now();
    await work();
    tell(`${what}: ${Math.round(performance.now() - begun).toLocaleString('en')} ms`);
  }

  test('are loaded while the screen goes on answering', async () => {
    await app.write(sql);
    await timed('first 1,000 rows shown', async () => {
      await app.page.keyboard.press('Control+Enter');
      await expect.poll(rowCount, patience).toBe('1001');
    });
    const tasks = await watchLongTasks(app.page);
    await timed('all rows loaded', async () => {
      await app.button('Load all').click();
      await expect.poll(rowCount, patience).toBe(String(rows + 1));
      await app.results.getByText('1,000,000 rows', { exact: true }).waitFor();
    });
    const long = await tasks.jsonValue();
    const blocking = long.reduce((sum, duration) => sum + duration - 50, 0);
    tell(`longest task meanwhile: ${Math.max(0, ...long)} ms, blocking in all ${Math.round(blocking)} ms`);
  });

  test('are reached to the last one', async () => {
    await app.grid.getByRole('gridcell').first().click();
    await timed('jump to the last row', async () => {
      await app.page.keyboard.press('Control+End');
      await expect.poll(async () => (await app.columnTexts('code')).includes('2000050'), patience).toBe(true);
    });
    await expect.poll(() => app.focusedCell(), patience).toMatchObject({ row: rows + 1 });
    await timed('back to the first row', async () => {
      await app.page.keyboard.press('Control+Home');
      await expect.poll(async () => (await app.columnTexts('code')).includes('101'), patience).toBe(true);
    });
  });

  test('are searched to the end', async () => {
    await app.page.keyboard.press('Control+f');
    await timed('search for a text of the last row', async () => {
      await app.page.getByLabel('Find in the result').fill('row 2000050');
      await app.page.getByText('1 of 1', { exact: true }).waitFor({ timeout: patience.timeout });
    });
    await expect
      .poll(async () => (await app.columnTexts('label')).includes('row 2000050'), patience)
      .toBe(true);
    await app.page.keyboard.press('Escape');
  });

  test('are copied, 100,000 cells at once, as they show', async () => {
    await app.grid.getByRole('gridcell').first().click();
    await app.page.keyboard.press('Control+Home');
    const cell = (row: number, column: string) =>
      app.grid.locator(`[role=row][aria-rowindex="${row + 1}"] [role=gridcell][aria-colindex="${column}"]`);
    // The scrolled space is shorter than a million rows are high: a row is where its share of it is.
    await app.grid.evaluate(
      (grid, share) => {
        grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * share;
      },
      (copiedRows - 10) / rows,
    );
    await cell(copiedRows, String(columns + 1)).click({ modifiers: ['Shift'] });
    await timed('copy of 100,000 cells', async () => {
      await app.page.keyboard.press('Control+c');
      await expect
        .poll(() => app.announcement(), patience)
        .toContain(`Copied ${copiedRows.toLocaleString('en')} rows`);
    });
    const lines = (await pasted(app.page)).replace(/\n$/, '').split('\n');
    expect(lines.length).toBe(copiedRows);
    expect(lines.flatMap((line) => line.split('\t')).length).toBe(copiedRows * columns);
    expect(lines[0]?.split('\t').slice(-3, -1)).toEqual(['101', 'row 101']);
    expect(lines.at(-1)?.split('\t').slice(-3, -1)).toEqual(['20050', 'row 20050']);
    expect(lines.every((line) => /^.\*\*\*@.\*\*\*\./.test(line.split('\t')[3] ?? ''))).toBe(true);
  });

  test('are exported into a file that is what the server writes', async () => {
    const expected = join(folder, 'server.csv');
    await mustRun(
      'psql',
      [
        '-X',
        '-q',
        '-c',
        `\\copy (${sql.replaceAll(/\s+/g, ' ')}) to '${expected}' (format csv, header)`,
        system.ready.developer.local.dsn,
      ],
      { timeoutMs: patience.timeout },
    );
    await app.button('Export').click();
    const dialog = app.page.getByRole('dialog', { name: 'Export' });
    const tasks = await watchLongTasks(app.page);
    await timed('CSV of all rows written', async () => {
      await dialog.getByRole('button', { name: 'Export', exact: true }).click();
      await dialog.getByText(/^Written: 1,000,000 rows/).waitFor({ timeout: patience.timeout });
    });
    tell(`longest task of the screen meanwhile: ${Math.max(0, ...(await tasks.jsonValue()))} ms`);
    const file = (await dialog.getByText(/\.csv$/).textContent()) ?? '';
    stack.defer(() => rm(file, { force: true }));
    expect(await fingerprint(file)).toEqual(await fingerprint(expected));
    expect((await fingerprint(file)).lines).toBe(rows + 1);
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  });

  test('leave the screen small', async () => {
    await app.grid.evaluate(
      (grid) =>
        new Promise<void>((resolve) => {
          let left = 120;
          const step = (): void => {
            grid.scrollTop += 40_000;
            left -= 1;
            if (left > 0) requestAnimationFrame(step);
            else resolve();
          };
          step();
        }),
    );
    const heap = await heapMegabytes(devtools);
    const nodes = await app.countNodes();
    tell(`heap ${heap.toFixed(1)} MB (before: ${heapBefore.toFixed(1)} MB), ${nodes} elements`);
    expect(heap).toBeLessThan(maxHeapMegabytes);
    expect(nodes).toBeLessThanOrEqual(1_500);
    expect(app.complaints).toEqual([]);
  });
});

function tell(line: string): void {
  process.stdout.write(`a million rows: ${line}\n`);
}

/** What is on the clipboard, by pasting it elsewhere: the app's pages may not read it. */
async function pasted(page: Page): Promise<string> {
  const other = await page.context().newPage();
  await other.setContent('<textarea autofocus></textarea>');
  await other.locator('textarea').focus();
  await other.keyboard.press('ControlOrMeta+V');
  const text = await other.locator('textarea').inputValue();
  await other.close();
  await page.bringToFront();
  return text;
}

/** Bytes, lines and a checksum of a file that need not fit into memory. */
async function fingerprint(
  file: string,
): Promise<{ readonly bytes: number; readonly lines: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  let lines = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 0x0a) lines += 1;
  }
  return { bytes, lines, sha256: hash.digest('hex') };
}
