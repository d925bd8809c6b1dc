/**
 * The bodies of the value presets. `value` is a text expression under collation "C"; it is repeated, which
 * costs nothing for a column reference. Each begins with the shapes that most rows have, tested by LIKE and by
 * one character class (a third of the time of a regular expression for the shape), and ends with the general
 * rule; both give the same text. translate() is for the general rule only: under UTF8 it takes longer for a
 * dozen digits than a regular expression, and twice that where it replaces them.
 *
 * Operators are written OPERATOR(pg_catalog.x); constructs that look an operator up by its bare name
 * (BETWEEN, IN, NULLIF, CASE x WHEN y) are not used.
 */

const digits = '0123456789';
/** What may stand between the digits of a phone, card or social security number. */
const punctuation = '-. ()+/';

/** `jane@example.com` → `j***@e***.com`. Exactly one `@`, and an ending of 2 to 24 ASCII letters, else `***`. */
export function emailExpression(value: string): string {
  const domain = `pg_catalog.split_part(${value}, '@', 2)`;
  const head = `pg_catalog.left(${value}, 1)${concat}'***@'${concat}pg_catalog.left(${domain}, 1)${concat}`;
  const single = `${value} OPERATOR(pg_catalog.!~~) '%@%@%'`;
  const others = ['org', 'net', 'edu', 'gov'].map((ending) => `_%@_%.${ending}`);
  const ending = `pg_catalog.reverse(pg_catalog.split_part(pg_catalog.reverse(${domain}), '.', 1))`;
  // A counted repetition, {2,24}, would make the regular expression three times as dear.
  const shape = `${value} OPERATOR(pg_catalog.~) '^[^@]+@[^@]+\\.[A-Za-z][A-Za-z]+$'`;
  const short =
    `(pg_catalog.octet_length(${domain}) OPERATOR(pg_catalog.<) 27` +
    ` OR pg_catalog.right(${value}, 25) OPERATOR(pg_catalog.~~) '%.%')`;
  return caseOf(value, [
    `WHEN ${value} OPERATOR(pg_catalog.~~) '_%@_%.com' AND ${single} THEN ${head}'***.com'`,
    `WHEN ${value} OPERATOR(pg_catalog.~~) ANY ('{${others.join(',')}}') AND ${single}` +
      ` THEN ${head}'***'${concat}pg_catalog.right(${domain}, 4)`,
    `WHEN ${shape} AND ${short} THEN ${head}'***.'${concat}${ending}`,
  ]);
}

/** How many digits a value must have, and the shape (9 stands for a digit) that most values have. */
export interface DigitsShape {
  readonly least: number;
  readonly most: number;
  readonly common: string;
}

/**
 * The last four digits stay, other digits become `*`, punctuation stays. Anything but digits and
 * punctuation, a wrong number of digits, or last four digits spread over more than seven characters: `***`.
 */
export function digitsExpression(value: string, shape: DigitsShape): string {
  const shapes = [shape.common, ...(alsoCommon.get(shape.common) ?? [])];
  const sizes = Array.from({ length: shape.most - shape.least + 1 }, (_, index) => shape.least + index);
  const inRange = `OPERATOR(pg_catalog.=) ANY ('{${sizes.join(',')}}')`;
  const size = `pg_catalog.octet_length(${value})`;
  const plain =
    `WHEN ${size} ${inRange} AND ${value} OPERATOR(pg_catalog.!~) '[^0-9]'` +
    ` THEN pg_catalog.repeat('*', ${size} OPERATOR(pg_catalog.-) 4)${concat}pg_catalog.right(${value}, 4)`;
  const allowed =
    `${value} OPERATOR(pg_catalog.!~) '[^0-9. ()+/-]'` +
    ` AND pg_catalog.octet_length(pg_catalog.translate(${value}, '${punctuation}', '')) ${inRange}`;
  const tails = [4, 5, 6, 7].map((length) => {
    const tail = `pg_catalog.right(${value}, ${length})`;
    const stars = `pg_catalog.translate(pg_catalog.left(${value}, -${length}), '${digits}', '**********')`;
    return (
      `WHEN pg_catalog.octet_length(pg_catalog.translate(${tail}, '${punctuation}', '')) OPERATOR(pg_catalog.=) 4` +
      ` THEN ${stars}${concat}${tail}`
    );
  });
  const general = `WHEN ${allowed} THEN CASE ${tails.join(' ')} ELSE '***' END`;
  return caseOf(value, [...shapes.map((each) => shapeBranch(value, each)), plain, general]);
}

/** Other usual ways to write a common shape. */
const alsoCommon: ReadonlyMap<string, readonly string[]> = new Map([
  ['999-999-9999', ['(999) 999-9999']],
  ['9999-9999-9999-9999', ['9999 9999 9999 9999']],
]);

/** LIKE says where the punctuation is; that all else is digits, one character class says where it can. */
function shapeBranch(value: string, shape: string): string {
  const marks = shape.replaceAll('9', '');
  const mark = marks.charAt(0);
  const isOneMark = marks === mark.repeat(marks.length);
  const anyDigits = shape.replaceAll(/9+/g, '[0-9]*').replaceAll(/[()]/g, '[$&]');
  const rest = isOneMark
    ? `${value} OPERATOR(pg_catalog.!~~) '%${`${mark}%`.repeat(marks.length + 1)}'` +
      ` AND ${value} OPERATOR(pg_catalog.!~) '[^0-9${mark}]'`
    : `${value} OPERATOR(pg_catalog.~) '^${anyDigits}$'`;
  return (
    `WHEN ${value} OPERATOR(pg_catalog.~~) '${shape.replaceAll('9', '_')}' AND ${rest}` +
    ` THEN '${shape.slice(0, -4).replaceAll('9', '*')}'${concat}pg_catalog.substr(${value}, ${shape.length - 3})`
  );
}

/** `Alice Johnson` → `A*** J***`: the first character of each word. Nothing but blanks, or four blanks and more: `***`. */
export function nameExpression(value: string): string {
  const initial = (word: number): string =>
    `pg_catalog.left(pg_catalog.split_part(${value}, ' ', ${word}), 1)${concat}'***'`;
  const words = [1, 2, 3, 4].map(
    (word) =>
      `CASE WHEN pg_catalog.split_part(${value}, ' ', ${word}) OPERATOR(pg_catalog.=) '' THEN ''` +
      ` ELSE ${initial(word)}${concat}' ' END`,
  );
  return caseOf(value, [
    `WHEN ${value} OPERATOR(pg_catalog.~~) '_% _%' AND ${value} OPERATOR(pg_catalog.!~~) '% % %'` +
      ` THEN ${initial(1)}${concat}' '${concat}${initial(2)}`,
    `WHEN pg_catalog.ltrim(${value}, ' ') OPERATOR(pg_catalog.=) ''` +
      ` OR ${value} OPERATOR(pg_catalog.~~) '% % % % %' THEN '***'`,
    `WHEN true THEN pg_catalog.rtrim((${words.join(concat)}), ' ')`,
  ]);
}

/** The first `prefix` and last `suffix` characters, only where they are at most a third of the value; else `***`. */
export function partialExpression(value: string, prefix: number, suffix: number): string {
  if (!isCount(prefix) || !isCount(suffix)) return caseOf(value, []);
  const shown = prefix + suffix;
  if (shown === 0) return caseOf(value, []);
  const head = prefix === 0 ? '' : `pg_catalog.left(${value}, ${prefix})${concat}`;
  const tail = suffix === 0 ? '' : `${concat}pg_catalog.right(${value}, ${suffix})`;
  return caseOf(value, [
    `WHEN pg_catalog.length(${value}) OPERATOR(pg_catalog.>=) ${3 * shown} THEN ${head}'***'${tail}`,
  ]);
}

const concat = ' OPERATOR(pg_catalog.||) ';

function isCount(size: number): boolean {
  return Number.isInteger(size) && size >= 0 && size <= 1_000_000;
}

function caseOf(value: string, branches: readonly string[]): string {
  return `CASE WHEN ${value} IS NULL THEN NULL ${branches.join(' ')} ELSE '***' END`;
}
