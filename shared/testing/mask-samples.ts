import type { MaskPreset } from '../policy/effective-policy.ts';
import type { ColumnMask } from '../sql/access.ts';
import type { CatalogColumn } from '../sql/catalog.ts';

/** A mask for tests; `prefix` and `suffix` are 0 unless given. */
export function sampleMask(preset: MaskPreset, over: Partial<ColumnMask> = {}): ColumnMask {
  return {
    attnum: 2,
    column: 'value',
    preset,
    prefix: 0,
    suffix: 0,
    as: null,
    matchEquality: false,
    needsValue: !['null', 'redact'].includes(preset),
    origin: { policy: 'test', version: 1 },
    ...over,
  };
}

/** A column for tests; a text column unless told otherwise. */
export function sampleColumn(over: Partial<CatalogColumn> = {}): CatalogColumn {
  return {
    attnum: 2,
    name: 'value',
    typeOid: 25,
    typeName: 'pg_catalog.text',
    baseTypeName: 'pg_catalog.text',
    typeCategory: 'S',
    notNull: false,
    generatedFrom: null,
    ...over,
  };
}

/**
 * Values to mask, the same for the same seed: well-formed ones, the same with a few random edits, and
 * strings of characters that the presets treat specially, mixed with some from outside ASCII.
 */
export function generateMaskValues(seed: number, count: number): string[] {
  const random = xorshift(seed);
  const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;
  const noise = (): string => Array.from({ length: random(14) }, () => pick(alphabet)).join('');
  const mutate = (text: string): string => {
    const characters = Array.from(text);
    for (let edits = random(4); edits > 0; edits -= 1) {
      characters.splice(random(characters.length + 1), random(2), pick(alphabet));
    }
    return characters.join('');
  };
  return Array.from({ length: count }, () => {
    const kind = random(4);
    if (kind === 0) return noise();
    const shape = pick(shapes).replaceAll('9', () => String(random(10)));
    return kind === 1 ? shape : mutate(shape);
  });
}

const alphabet = Array.from('@@@...---   0123456789abzABZ()+/\\\'"%_\n\t*#٣ñéßŁ漢字🙂🏳️\u0301\u00a0\u200b');

const shapes = [
  'jane@example.com',
  'j@e.io',
  'first.last+tag@mail.example.org',
  'ünï@exämple.net',
  '🙂@🏳.com',
  'a@b.museum',
  'a@b@c.com',
  '999-999-9999',
  '(999) 999-9999',
  '+99 99 99 99 99 99',
  '+99999999999',
  '999.9999',
  '99 99 99',
  '999-99-9999',
  '999999999',
  '999 99 9999',
  '9999-9999-9999-9999',
  '9999 999999 99999',
  '9999999999999999999',
  '999-9 9-9 9-9/9',
  'Alice Johnson',
  'Alice',
  ' Alice  Johnson ',
  'Mary Ann van Dyke',
  'One Two Three Four Five',
  'Łukasz 漢字',
  'ABC-99999',
  '漢字漢字漢字漢字漢',
  '🙂🙂🙂🙂🙂🙂🙂🙂',
  '',
  ' ',
  '    ',
] as const;

/** Marsaglia's xorshift32; returns integers below `limit`. */
function xorshift(seed: number): (limit: number) => number {
  let state = seed | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
