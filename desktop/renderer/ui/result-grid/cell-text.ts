/** How a value is shown in one line. Nothing is parsed or rounded: numbers and times stay as the server wrote them. */
export type ColumnKind = 'number' | 'text' | 'boolean' | 'time' | 'json' | 'bytes' | 'array' | 'other';

export interface CellLook {
  readonly text: string;
  /** `quiet` is not data: NULL, the empty text. */
  readonly look: 'value' | 'quiet';
}

const longest = 300;

export function cellLook(value: string | null, kind: ColumnKind): CellLook {
  if (value === null) return { text: 'NULL', look: 'quiet' };
  if (value === '') return { text: "''", look: 'quiet' };
  if (kind === 'boolean')
    return { text: value === 't' ? 'true' : value === 'f' ? 'false' : value, look: 'value' };
  const start = value.length > longest ? `${value.slice(0, longest)}…` : value;
  return {
    text: /[\r\n\t]/.test(start) ? start.replaceAll(/\r\n|[\r\n]/g, '⏎').replaceAll('\t', '⇥') : start,
    look: 'value',
  };
}

/** A width in pixels for a column: its header and its first rows, within bounds. */
export function columnWidth(header: string, sample: readonly string[], characterWidth: number): number {
  const longestText = sample.reduce((most, text) => Math.max(most, text.length), 0);
  const characters = Math.max(header.length + 3, longestText);
  return Math.round(Math.min(Math.max(characters * characterWidth + 22, 64), 420));
}
