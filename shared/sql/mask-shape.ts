import type { ColumnMask } from './access.ts';
import type { CatalogColumn } from './catalog.ts';
import { isConstantMask, maskOutputType } from './presets.ts';

/**
 * Whether a value that a client writes could be what a mask showed it before. A superset on purpose: everything
 * that the mask can show has the shape, and few other values do.
 */

type Shape = Pick<ColumnMask, 'preset' | 'prefix' | 'suffix'>;

/** True when the column shows NULL instead of values: a NULL that comes back is no order to forget them. */
export function showsNull(mask: ColumnMask, column: CatalogColumn): boolean {
  if (mask.preset === 'null') return true;
  if (!isConstantMask(mask)) return false;
  return !['pg_catalog.text', 'pg_catalog.varchar', 'pg_catalog.bpchar', 'pg_catalog.name'].includes(
    maskOutputType(mask, column),
  );
}

/** `text` as PostgreSQL prints the value. */
export function hasMaskShape(mask: Shape, text: string): boolean {
  const trimmed = text.trimEnd();
  return trimmed === '***' || (shapes[mask.preset]?.(trimmed, mask) ?? false);
}

type HasShape = (text: string, mask: Shape) => boolean;

const digits: HasShape = (text) => /^[0-9*\-. ()+/]*\*[0-9*\-. ()+/]*$/.test(text);

const shapes: Readonly<Partial<Record<ColumnMask['preset'], HasShape>>> = {
  email: (text) => /^.\*\*\*@.\*\*\*\.[A-Za-z]{2,24}$/su.test(text),
  phone: digits,
  ssn: digits,
  credit_card: digits,
  // a value that is masked once more is a mask too
  name: (text) => text.split(' ').every((word) => /^.\*\*\*$/su.test(word)),
  partial: (text, { prefix, suffix }) => {
    const characters = Array.from(text);
    return (
      characters.length <= prefix + suffix + 3 && characters.slice(prefix, prefix + 3).join('') === '***'
    );
  },
  pseudonym: (text) => isPseudonymText(text),
};

/** The text form of a pseudonym: `p_` and 32 hexadecimal digits. */
export function isPseudonymText(text: string): boolean {
  return /^p_[0-9a-f]{32}$/.test(text);
}
