/**
 * One database's block of lines in a file that belongs to the person: between two marks, the lines of others untouched to
 * the byte. Pure; who reads and writes the file is client-files.ts.
 */
import { AppError } from '@daam/shared/errors/app-error';

export interface BlockChange {
  /** The whole file afterwards. */
  readonly text: string;
  /** The block's lines as they are now and as they will be, marks included; empty for none. */
  readonly removed: readonly string[];
  readonly added: readonly string[];
  /** Lines outside of it. */
  readonly otherLines: number;
}

const begin = (id: string): string => `# >>> daam ${id}: written by DAAM, changed by it alone`;
const end = (id: string): string => `# <<< daam ${id}`;

/**
 * Puts the lines in the place of the database's block, or at the file's end; none (null) takes the block out. CONFLICT when
 * the marks are not as they were written.
 */
export function changeBlock(text: string, id: string, lines: readonly string[] | null): BlockChange {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(id)) throw new AppError('INVALID_INPUT', { field: 'database' });
  const { before, block, after } = splitAtBlock(text, id);
  const added = lines === null ? [] : [begin(id), ...lines, end(id)];
  const own = added.length === 0 ? '' : `${added.join('\n')}\n`;
  // A last line without its end would become part of our first mark.
  const gap = own !== '' && block === '' && before !== '' && !before.endsWith('\n') ? '\n' : '';
  return {
    text: `${before}${gap}${own}${after}`,
    removed: linesOf(block),
    added,
    otherLines: linesOf(before).length + linesOf(after).length,
  };
}

function splitAtBlock(text: string, id: string): Record<'before' | 'block' | 'after', string> {
  const marks = [...lineStarts(text)].filter(({ line }) => line === begin(id) || line === end(id));
  const [first, last, ...more] = marks;
  if (first === undefined) return { before: text, block: '', after: '' };
  if (last === undefined || more.length > 0 || first.line !== begin(id) || last.line !== end(id)) {
    throw new AppError('CONFLICT', {
      message: 'The marks of DAAM in the file are not as they were written.',
      hint: 'Take out the lines between "# >>> daam" and "# <<< daam" by hand, and try again.',
    });
  }
  const stop = text.indexOf('\n', last.at);
  const until = stop < 0 ? text.length : stop + 1;
  return { before: text.slice(0, first.at), block: text.slice(first.at, until), after: text.slice(until) };
}

function* lineStarts(text: string): Generator<{ readonly at: number; readonly line: string }> {
  for (let at = 0; at < text.length; ) {
    const stop = text.indexOf('\n', at);
    const until = stop < 0 ? text.length : stop;
    yield { at, line: text.slice(at, until).replace(/\r$/, '') };
    at = until + 1;
  }
}

function linesOf(text: string): string[] {
  if (text === '') return [];
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}
