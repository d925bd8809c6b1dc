/** How long the engine takes to write a file of a result that is on its disk. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Exports } from '@daam/desktop/engine/query/exports';
import { ResultStore } from '@daam/desktop/engine/query/result-store';
import type { Export } from '@daam/desktop/ipc/schema';
import { sampleMillion } from '@daam/desktop/ipc/testing/sample-results';
import { encodeDataRow } from '@daam/shared/pgwire/data-row';

const frameHeaderBytes = 5;

/** Milliseconds of each of `times` exports as CSV of that many rows of 20 columns. */
export async function timeExports(rows: number, times: number): Promise<number[]> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'daam-budgets-'));
  stack.defer(async () => await rm(folder, { recursive: true }));
  const done = new Map<string, (made: Export) => void>();
  const exports = stack.use(
    new Exports({
      folder: async () => folder,
      emit: (event) => {
        if (event.event === 'exportChanged' && event.payload.export.state !== 'running')
          done.get(event.payload.export.id)?.(event.payload.export);
      },
      now: () => 0,
    }),
  );
  const store = stack.use(new ResultStore({ folder: async () => folder, emit: () => {} }));
  const result = await fill(store, rows);
  const samples: number[] = [];
  for (let run = 0; run < times; run += 1) {
    const begun = performance.now();
    const started = await exports.ofResult(store.get(result), csvOf(result), async () => {}, 'orders');
    const ended = Promise.withResolvers<Export>();
    done.set(started.id, ended.resolve);
    const made = exports.list.find(({ id, state }) => id === started.id && state !== 'running');
    const { state } = made ?? (await ended.promise);
    if (state !== 'done') throw new Error(`the export ended as ${state}`);
    samples.push(performance.now() - begun);
  }
  return samples;
}

const csvOf = (result: string) => ({
  result,
  view: null,
  format: 'csv' as const,
  columns: null,
  rows: 'loaded' as const,
  hasHeader: true,
  delimiter: ',' as const,
  nullText: '',
  hasByteOrderMark: false,
});

async function fill(store: ResultStore, rows: number): Promise<string> {
  const { columns, text } = sampleMillion;
  const spool = await store.create({
    id: 'result',
    tab: 'tab',
    database: 'id-orders',
    run: 'run',
    statement: 0,
    name: 'events',
    kind: 'rows',
    columns: [...columns],
    rows: 0,
    bytes: 0,
    state: 'complete',
    maskedColumns: 0,
    policies: [],
    isOutdated: false,
    isPinned: false,
    at: new Date(0).toISOString(),
  });
  for (let row = 0; row < rows; row += 1) {
    const cells = columns.map((_, column) => {
      const value = text(row, column);
      return value === null ? null : Buffer.from(value);
    });
    await spool.add(encodeDataRow(cells).subarray(frameHeaderBytes));
  }
  await spool.flush();
  return 'result';
}
