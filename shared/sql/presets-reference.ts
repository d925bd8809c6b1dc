import type { ColumnMask } from './access.ts';
import { pseudonymOf, type PseudonymType } from './pseudonym.ts';

/**
 * The presets once more, in TypeScript, written from the rules and not from the SQL: tests hold the two
 * against each other, and previews show what a mask will do without asking a database.
 *
 * `value` is the value as PostgreSQL prints it (a char(n) without its trailing blanks); characters are
 * code points. Constant masks answer what they show on a text column, `pseudonym` without a key too.
 */
export function maskText(
  mask: Pick<ColumnMask, 'preset' | 'prefix' | 'suffix'>,
  value: string | null,
  pseudonym: { readonly key: Uint8Array; readonly type: PseudonymType } | null = null,
): string | null {
  if (mask.preset === 'null') return null;
  if (mask.preset === 'redact' || (mask.preset === 'pseudonym' && pseudonym === null)) return hidden;
  if (value === null) return null;
  switch (mask.preset) {
    case 'pseudonym':
      return pseudonym === null ? hidden : pseudonymOf(pseudonym.key, value, pseudonym.type);
    case 'email':
      return maskEmail(value);
    case 'phone':
      return maskDigits(value, 7, 15);
    case 'ssn':
      return maskDigits(value, 9, 9);
    case 'credit_card':
      return maskDigits(value, 12, 19);
    case 'name':
      return maskName(value);
    case 'partial':
    default:
      return maskPartial(value, mask.prefix, mask.suffix);
  }
}

const hidden = '***';

function maskEmail(value: string): string {
  const parts = value.split('@');
  const [local, domain] = parts;
  if (parts.length !== 2 || !local || !domain) return hidden;
  const dot = domain.lastIndexOf('.');
  const ending = domain.slice(dot + 1);
  if (dot < 1 || !/^[A-Za-z]{2,24}$/.test(ending)) return hidden;
  return `${firstCharacter(local)}***@${firstCharacter(domain)}***.${ending}`;
}

function maskDigits(value: string, least: number, most: number): string {
  if (!/^[0-9\-. ()+/]*$/.test(value)) return hidden;
  const positions = Array.from(value).flatMap((character, index) => (isDigit(character) ? [index] : []));
  if (positions.length < least || positions.length > most) return hidden;
  const shownFrom = positions.at(-4) ?? 0;
  const trailing = value.length - shownFrom;
  if (trailing > 7) return hidden;
  return Array.from(value)
    .map((character, index) => (index < shownFrom && isDigit(character) ? '*' : character))
    .join('');
}

function maskName(value: string): string {
  const blanks = value.split(' ').length - 1;
  const words = value.split(' ').filter((word) => word !== '');
  if (blanks > 3 || words.length === 0) return hidden;
  return words.map((word) => `${firstCharacter(word)}${hidden}`).join(' ');
}

function maskPartial(value: string, prefix: number, suffix: number): string {
  if (!(Number.isInteger(prefix) && Number.isInteger(suffix) && prefix >= 0 && suffix >= 0)) return hidden;
  const characters = Array.from(value);
  const shown = prefix + suffix;
  if (shown === 0 || characters.length < 3 * shown) return hidden;
  return (
    characters.slice(0, prefix).join('') + hidden + characters.slice(characters.length - suffix).join('')
  );
}

function firstCharacter(text: string): string {
  return Array.from(text)[0] ?? '';
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9' && character.length === 1;
}
