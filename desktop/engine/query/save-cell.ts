/** One value whole in a file of its own, as exports are written: where and under which name nobody outside decides. */
import { rm } from 'node:fs/promises';
import { AppError } from '@daam/shared/errors/app-error';
import type { Params, Result } from '../../ipc/schema.ts';
import { exportName, openNewFile } from './export-file.ts';
import { mustBeCurrent } from './exports.ts';
import { readView } from './read-rows.ts';
import type { KeptResult } from './result-store.ts';
import { cellsOf } from './row-cells.ts';

const maxBytes = 64 * 1024 * 1024;
const hex = /^\\x(?:[0-9a-f]{2})*$/;

/** FORBIDDEN for a result that a newer policy would mask, NOT_FOUND where no value is. */
export async function saveCell(
  kept: KeptResult,
  { view, row, column }: Params<'saveCell'>,
  to: { readonly folder: string; readonly database: string; readonly now: number },
): Promise<Result<'saveCell'>> {
  mustBeCurrent(kept);
  const shown = kept.info.columns[column];
  const value = await readValue(kept, { view, row, column });
  if (shown === undefined || value === null) throw new AppError('NOT_FOUND', { field: 'column' });
  if (value.length > maxBytes)
    throw new AppError('TOO_LARGE', { field: 'column', message: 'The value is larger than 64 MiB.' });
  const bytes = shown.kind === 'bytes' ? bytesOf(value) : null;
  const content = bytes ?? value;
  const name = exportName([to.database, kept.info.name, shown.name], new Date(to.now));
  const ending = bytes !== null ? 'bin' : shown.kind === 'json' ? 'json' : 'txt';
  const { path, file } = await openNewFile(to.folder, name, ending);
  try {
    await file.writeFile(content);
  } catch (thrown) {
    await rm(path, { force: true });
    throw thrown;
  } finally {
    await file.close();
  }
  return { file: path, bytes: content.length };
}

async function readValue(
  kept: KeptResult,
  { view, row, column }: { view: string | null; row: number; column: number },
): Promise<Buffer | null> {
  for await (const [body] of readView(kept, view, { first: row, last: row + 1 })) {
    if (body === undefined) break;
    return cellsOf(body)[column] ?? null;
  }
  throw new AppError('NOT_FOUND', { field: 'row' });
}

/** Null: the server writes bytes another way, and its text is kept. */
function bytesOf(value: Buffer): Buffer | null {
  const text = value.toString('latin1');
  return hex.test(text) ? Buffer.from(text.slice(2), 'hex') : null;
}
