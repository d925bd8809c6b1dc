/**
 * The budgets of the screens, on the production build in Chromium over a backend in memory. Sizes and counts are asserted.
 * Times are printed as a table and kept as JSON, not asserted: on a busy machine they tell more of the machine.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseObjects, EditorTab } from '@daam/desktop/ipc/schema';
import { sampleObjects } from '@daam/desktop/ipc/testing/sample-workspace';
import { ensureRendererBuilt } from '@daam/desktop/web/build';
import { silentLogger } from '@daam/shared/base/logger';
import type { Browser, CDPSession } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBrowser, launchBrowser } from '../pages/browser.ts';
import { startApp } from './app-world.ts';
import type { AppWorld, AppWorldOptions } from './app-world.ts';
import { startRecords } from './records-world.ts';
import { measureAssets } from './budgets/asset-sizes.ts';
import { BudgetReport, quantile } from './budgets/budget-table.ts';
import type { BudgetId } from './budgets/budget-table.ts';
import { timeExports } from './budgets/engine-export.ts';
import {
  timeOfMark,
  heapMegabytes,
  timeProcessor,
  timeScroll,
  timeUntil,
  watchLongTasks,
} from './budgets/in-page.ts';
import { timeKeys } from './budgets/key-times.ts';
import type { KeyTimes } from './budgets/key-times.ts';

const rounds = 5;
const idleSeconds = 10;
const scrolledFrames = 240;
const listed = 50_000;
const patience = { timeout: 30_000 };
const emptyTab: EditorTab = {
  id: 'long',
  title: 'Long',
  database: 'id-orders',
  sql: '',
  cursor: 0,
  scroll: 0,
  transaction: 'auto',
  savedQuery: null,
};
const report = new BudgetReport();
const reportFolder = join(import.meta.dirname, '..', 'dist', 'report');

let browser: Browser;
let assetsDir: string;

const start = (options: Partial<AppWorldOptions> = {}): Promise<AppWorld> =>
  startApp({ browser, assetsDir, ...options });

/** As many tables as asked for, each with 20 columns. */
function manyTables(count: number): (database: string) => DatabaseObjects {
  return (database) => {
    const sample = sampleObjects(database);
    const first = sample.tables[0];
    const column = first?.columns[0];
    if (first === undefined || column === undefined) throw new Error('the sample has no tables');
    const columns = Array.from({ length: 20 }, (_, index) => ({ ...column, name: `column_${index}` }));
    const tables = Array.from({ length: count }, (_, index) => ({
      ...first,
      name: `table_${index}`,
      columns,
      foreignKeys: [],
    }));
    return { ...sample, tables };
  };
}

async function repeat(measure: (round: number) => Promise<number>): Promise<number[]> {
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) samples.push(await measure(round));
  return samples;
}

async function openMillion(world: AppWorld): Promise<void> {
  await world.app.openEditor();
  await world.app.run('select * from events');
  await expect.poll(() => world.app.grid.getAttribute('aria-rowcount'), patience).toBe('1000001');
  await world.app.grid.getByRole('gridcell').first().waitFor();
}

/** All of them; or only the one that takes longer than this share of them. */
function addKeys(id: BudgetId, { painted, processor }: KeyTimes, share?: number): void {
  report.add(id, ...(share === undefined ? painted : [quantile(painted, share)]));
  report.note(id, `${quantile(processor, share ?? 0.5).toFixed(1)} ms of processor`);
}

const devtoolsOf = ({ app }: AppWorld): Promise<CDPSession> => app.page.context().newCDPSession(app.page);

describe.skipIf(findBrowser() === null)('in Chromium, which must be installed,', () => {
  beforeAll(async () => {
    [browser, assetsDir] = await Promise.all([
      launchBrowser(),
      ensureRendererBuilt({ logger: silentLogger }),
    ]);
  });
  afterAll(async () => {
    await browser.close();
    const file = await report.write(reportFolder);
    process.stdout.write(`budgets (times are told, not asserted; ${file}):\n${report.lines().join('\n')}\n`);
  });

  it('what is loaded stays within its budgets of bytes', async () => {
    const sizes = await measureAssets(assetsDir);
    report.add('P1', sizes.shell);
    report.add('P2', sizes.editor);
    report.add('P3', sizes.administrators);
    report.add('P4', sizes.fonts);
    expect(report.exceeded('P1', 'P2', 'P3', 'P4')).toEqual([]);
  });

  it('the list of databases is there at once, and screens change at once', async () => {
    report.add(
      'P5',
      ...(await repeat(async () => {
        await using world = await start();
        return await timeOfMark(world.app.page, 'app:list');
      })),
    );
    await using world = await start();
    const { page } = world.app;
    const go = async (key: string, heading: string): Promise<number> => {
      await page.keyboard.press('g');
      return await timeUntil(page, key, { selector: 'h1', text: heading });
    };
    const there = () => go('r', 'Requests');
    const back = () => go('d', 'Databases');
    await there();
    await back();
    report.add('P6', ...(await repeat((round) => (round % 2 === 0 ? there() : back()))));
    expect(report.unmeasured('P5', 'P6')).toEqual([]);
  });

  it('the palette finds among 10,000 objects while one types', async () => {
    await using world = await start({ objects: manyTables(10_000) });
    const { app } = world;
    await app.openEditor();
    await app.page.getByRole('treeitem', { name: /^table_0/ }).waitFor();
    await app.page.getByRole('tab').first().focus();
    report.add(
      'P7a',
      ...(await repeat(async () => {
        const took = await timeUntil(app.page, 'Control+k', { selector: '[role=option]' });
        await app.page.keyboard.press('Escape');
        await app.page.getByRole('dialog').waitFor({ state: 'detached' });
        return took;
      })),
    );
    await app.page.keyboard.press('Control+k');
    await app.page.getByRole('option').first().waitFor();
    addKeys('P7b', await timeKeys(app.page, 'table_99'.split('')));
    expect(report.unmeasured('P7a', 'P7b')).toEqual([]);
  });

  it('the editor keeps up with 5,000 lines, and completes among 2,000 tables', async () => {
    await using world = await start({ objects: manyTables(2_000) });
    const { app, backend } = world;
    const sql = 'select id, name from customers where id = 1;\n'.repeat(5_000);
    await backend.methods.writeWorkspace({ tabs: [{ ...emptyTab, sql }], active: emptyTab.id });
    await app.go('#/query', 'Query');
    await app.editor.focus();
    addKeys('P8', await timeKeys(app.page, 'select name, region from'.split('')), 0.95);
    await app.openEditor();
    await app.write('select * from t');
    await app.page.keyboard.press('Escape');
    report.add(
      'P9',
      ...(await repeat(async () => {
        const took = await timeUntil(app.page, 'Control+Space', { selector: '.cm-tooltip-autocomplete li' });
        await app.page.keyboard.press('Escape');
        return took;
      })),
    );
    expect(report.unmeasured('P8', 'P9')).toEqual([]);
  });

  it('rows are there as soon as the server sent them', async () => {
    await using world = await start();
    const { app } = world;
    await app.openEditor();
    await app.write('select * from customers');
    const samples: number[] = [];
    for (let run = 0; run < 15; run += 1) {
      const before = await app.page.evaluate(() => performance.getEntriesByName('query:first-row').length);
      await app.page.keyboard.press('Control+Enter');
      await app.page.waitForFunction(
        (count) => performance.getEntriesByName('query:first-row').length > count,
        before,
      );
      samples.push(await timeOfMark(app.page, 'query:first-row', 'query:run'));
    }
    report.add('P10a', quantile(samples, 0.5));
    report.add('P10b', quantile(samples, 0.95));
    expect(report.unmeasured('P10a', 'P10b')).toEqual([]);
  });

  it('a million rows are shown, scrolled and dropped with little memory', async () => {
    await using world = await start();
    const { app } = world;
    const devtools = await devtoolsOf(world);
    await app.openEditor();
    await app.run('select * from customers');
    await app.grid.getByRole('gridcell').first().waitFor();
    await app.page.keyboard.press('Control+Enter');
    const before = await heapMegabytes(devtools);
    await openMillion(world);
    report.add('P11', await timeOfMark(app.page, 'grid:painted', 'grid:mount-begin'));
    for (const [id, pixels] of [
      ['P12a', 84],
      ['P12b', 3_000],
    ] as const) {
      const deltas: number[] = [];
      const processor = await timeProcessor(devtools, async () => {
        deltas.push(...(await timeScroll(app.grid, pixels, scrolledFrames)));
      });
      report.add(id, quantile(deltas, 0.95));
      report.note(id, `${(processor / scrolledFrames).toFixed(1)} ms of processor a frame`);
    }
    report.add('P14a', await heapMegabytes(devtools));
    report.add('P15', await app.countNodes());
    await app.page.keyboard.press('Alt+w');
    await expect.poll(() => app.grid.getAttribute('aria-rowcount'), patience).toBe('1001');
    report.add('P14b', (await heapMegabytes(devtools)) - before);
    expect(report.exceeded('P14a', 'P14b', 'P15')).toEqual([]);
    expect(app.complaints).toEqual([]);
  });

  it('rows that stream in block nothing', async () => {
    await using world = await start();
    const { app, backend } = world;
    await openMillion(world);
    const [query] = await backend.methods.listQueries({});
    const tasks = await watchLongTasks(app.page);
    await backend.queries.stream(query?.tab ?? '', { rows: 100_000, atOnce: 2_000 });
    await expect.poll(() => app.grid.getAttribute('aria-rowcount'), patience).toBe('100001');
    const long = await tasks.jsonValue();
    report.add('P13a', Math.max(0, ...long));
    report.add(
      'P13b',
      long.reduce((sum, duration) => sum + duration - 50, 0),
    );
    expect(report.unmeasured('P13a', 'P13b')).toEqual([]);
  });

  it('Cancel answers at once, and a change of the policy is told', async () => {
    await using world = await start();
    const { app, backend } = world;
    await app.openEditor();
    const cancelled: number[] = [];
    const { cancelQuery } = backend.methods;
    Object.assign(backend.methods, {
      cancelQuery: async (asked: { readonly tab: string }) => {
        cancelled.push(Date.now());
        // As long as a server takes, so that one sees what is said meanwhile.
        await delay(200);
        return await cancelQuery(asked);
      },
    });
    const toEngine: number[] = [];
    report.add(
      'P16a',
      ...(await repeat(async () => {
        await app.run('select pg_sleep(60)');
        await app.button('Cancel').waitFor();
        await app.button('Cancel').focus();
        const pressed = Date.now();
        const took = await timeUntil(app.page, 'Enter', { selector: 'button', text: 'Cancelling…' });
        toEngine.push((cancelled.at(-1) ?? Number.NaN) - pressed);
        await app.page.getByRole('button', { name: /^Run statement/ }).waitFor();
        return took;
      })),
    );
    report.add('P16b', ...toEngine);
    const [query] = await backend.methods.listQueries({});
    report.add(
      'P17',
      ...(await repeat(async (round) => {
        const message = `phone is now masked ${round}`;
        const begun = performance.now();
        backend.queries.changePolicy(query?.tab ?? '', message);
        await app.page.getByText(message).first().waitFor();
        return performance.now() - begun;
      })),
    );
    expect(report.unmeasured('P16a', 'P16b', 'P17')).toEqual([]);
  });

  it('a list of 50,000 records is walked through without a wait', async () => {
    await using world = await startRecords({ browser, assetsDir, records: listed });
    const { page } = world.app;
    await page.goto(`${world.url}#/admin/audit`);
    const grid = page.getByRole('grid', { name: 'Recorded statements' });
    await grid.locator('[aria-rowindex="2"]').focus();
    const all = async (): Promise<string | null> => {
      await page.keyboard.press('End');
      return await grid.getAttribute('aria-rowcount');
    };
    await expect.poll(all, { timeout: 90_000, interval: 100 }).toBe(String(listed + 1));
    await page.keyboard.press('End');
    const keys = Array.from({ length: 20 }, () => 'ArrowUp');
    addKeys('P18', await timeKeys(page, keys));
    expect(report.unmeasured('P18')).toEqual([]);
  });

  it('nothing happens while nobody does anything', async () => {
    await using world = await start();
    const devtools = await devtoolsOf(world);
    await world.app.button('Connect orders').click();
    await world.app.button('Disconnect orders').waitFor();
    const busy = async (): Promise<number> => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
    };
    await devtools.send('Performance.enable');
    const begun = await busy();
    await delay(idleSeconds * 1_000);
    report.add('P19', ((await busy()) - begun) * (100 / idleSeconds));
    expect(report.unmeasured('P19')).toEqual([]);
  });

  it('the engine writes 100,000 rows into a file', async () => {
    report.add('P20', ...(await timeExports(100_000, rounds)));
    expect(report.unmeasured('P20')).toEqual([]);
  });
});
