import { AppError } from '@daam/shared/errors/app-error';

/** One page out of `limit + 1` rows; `cursorOf` names the last one that is shown. */
export function pageFrom<Row, Item>(
  rows: readonly Row[],
  limit: number,
  {
    show,
    cursorOf,
  }: { readonly show: (row: Row) => Item; readonly cursorOf: (row: Row) => readonly unknown[] },
): { items: Item[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items: shown.map(show), next: hasMore ? encodeCursor(cursorOf(last)) : null };
}

function encodeCursor(values: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** The values of a cursor that `pageFrom` made, as texts; INVALID_INPUT for anything else. */
export function decodeCursor(text: string | undefined, count: number): readonly string[] | null {
  if (text === undefined) return null;
  try {
    const values: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(values) && values.length === count && values.every(isScalar)) return values.map(String);
  } catch {
    // Answered below.
  }
  throw new AppError('INVALID_INPUT', {
    field: 'query.after',
    message: 'query.after: not a cursor of this list',
  });
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && !value.includes('\u0000'));
}
