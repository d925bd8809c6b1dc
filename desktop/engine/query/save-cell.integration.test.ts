import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeDataRow } from '@daam/shared/pgwire/data-row';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ResultColumn } from '../../ipc/schema.ts';
import { ResultStore } from './result-store.ts';
import { saveCell } from './save-cell.ts';

let folder: string;
let results: ResultStore;

function column(name: string, kind: ResultColumn['kind']): ResultColumn {
  return { name, kind, type: 'x', typeOid: 0, relation: null, shows: 'plain', masks: [] };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-cell-'));
  results = new ResultStore({ folder: async () => await Promise.resolve(folder), emit: () => {} });
  const spool = await results.create({
    id: 'r',
    tab: 't',
    database: 'd',
    run: 'run',
    statement: 0,
    name: '../../etc/passwd',
    kind: 'rows',
    columns: [
      column('photo', 'bytes'),
      column('note', 'text'),
      column('doc', 'json'),
      column('none', 'text'),
    ],
    rows: 0,
    bytes: 0,
    state: 'complete',
    maskedColumns: 0,
    policies: [],
    isOutdated: false,
    isPinned: false,
    at: new Date(0).toISOString(),
  });
  const values = ['\\x00ff10', 'grün\n', '{"a":1}', null];
  await spool.add(
    encodeDataRow(values.map((value) => (value === null ? null : Buffer.from(value)))).subarray(5),
  );
  await spool.flush();
  results.grew('r');
});
afterEach(async () => {
  await results[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const save = async (at: number, row = 0) => {
  const to = { folder: join(folder, 'out'), database: 'or/ders', now: 0 };
  return await saveCell(results.get('r'), { result: 'r', view: null, row, column: at }, to);
};

describe('a value in a file of its own', () => {
  it('is the bytes themselves, or its text, under a name that leads nowhere, for the person alone', async () => {
    const saved = [await save(0), await save(0), await save(1), await save(2)];
    expect(await readdir(join(folder, 'out'))).toEqual([
      'or-ders-etc-passwd-doc-1970-01-01T0000.json',
      'or-ders-etc-passwd-note-1970-01-01T0000.txt',
      'or-ders-etc-passwd-photo-1970-01-01T0000-2.bin',
      'or-ders-etc-passwd-photo-1970-01-01T0000.bin',
    ]);
    const contents = await Promise.all(saved.map(async ({ file }) => await readFile(file)));
    expect(contents.map((content) => content.toString('latin1'))).toEqual([
      '\u0000ÿ\u0010',
      '\u0000ÿ\u0010',
      Buffer.from('grün\n').toString('latin1'),
      '{"a":1}',
    ]);
    expect(saved.map(({ bytes }) => bytes)).toEqual([3, 3, 6, 7]);
    expect((await stat(saved[0]?.file ?? '')).mode & 0o077).toBe(0);
  });

  it('is not written where there is none, nor when the policy shows less by now', async () => {
    await expect(save(3)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(save(9)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(save(0, 5)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    results.change('r', { isOutdated: true });
    await expect(save(0)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await readdir(folder)).not.toContain('out');
  });
});
