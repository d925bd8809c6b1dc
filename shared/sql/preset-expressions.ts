/**
 * The bodies of the value presets. `value` is a text expression under collation "C"; it is repeated, which
 * costs nothing for a column reference. Each begins with the shape that most rows have, tested by LIKE and by
 * one character class (a third of the time of a regular expression for the shape), and ends with the general
 * rule; both give the same text.
 *
 * Operators are written OPERATOR(pg_catalog.x); constructs that look an operator up by its bare name
 * (BETWEEN, IN, NULLIF, CASE x WHEN y) are not used.
 */

const digits = '0123456789';
/** What may stand between the digits of a phone, card or social security number. */
const punctuation = '-. ()+/';

/** `jane@example.com` → `j***@e***.com`. Exactly one `@`, and an ending of 2 to 24 ASCII letters, else `***`. */
export function emailExpression(value: string): string {
  const head =
    `pg_catalog.left(${value}, 1)${concat}'***@'` +
    `${concat}pg_catalog.left(pg_catalog.split_part(${value}, '@', 2), 1)${concat}`;
  const single = `${value} OPERATOR(pg_catalog.!~~) '%@%@%'`;
  const common = ['com', 'org', 'net'].map(
    (ending) =>
      `WHEN ${value} OPERATOR(pg_catalog.~~) '_%@_%.${ending}' AND ${single} THEN ${head}'***.${ending}'`,
  );
  const ending = `pg_catalog.reverse(pg_catalog.split_part(pg_catalog.reverse(${value}), '.', 1))`;
  return caseOf(value, [
    ...common,
    `WHEN ${value} OPERATOR(pg_catalog.~) '^[^@]+@[^@]+\\.[A-Za-z]{2,24}$' THEN ${head}'***.'${concat}${ending}`,
  ]);
}

/** How many digits a value must have, and the shape (9 stands for a digit) that has a quick test. */
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
  const dashes = shape.common.split('-').length - 1;
  const quick =
    `WHEN ${value} OPERATOR(pg_catalog.~~) '${shape.common.replaceAll('9', '_')}'` +
    ` AND ${value} OPERATOR(pg_catalog.!~~) '${'%-'.repeat(dashes + 1)}%' AND ${value} OPERATOR(pg_catalog.!~) '[^0-9-]'` +
    ` THEN '${shape.common.slice(0, -4).replaceAll('9', '*')}'${concat}pg_catalog.right(${value}, 4)`;
  const count = `pg_catalog.octet_length(pg_catalog.translate(${value}, '${punctuation}', ''))`;
  const refused =
    `WHEN ${value} OPERATOR(pg_catalog.~) '[^0-9. ()+/-]'` +
    ` OR ${count} OPERATOR(pg_catalog.<) ${shape.least} OR ${count} OPERATOR(pg_catalog.>) ${shape.most} THEN '***'`;
  const tails = [4, 5, 6, 7].map((size) => {
    const tail = `pg_catalog.right(${value}, ${size})`;
    const stars = `pg_catalog.translate(pg_catalog.left(${value}, -${size}), '${digits}', '**********')`;
    return (
      `WHEN pg_catalog.octet_length(pg_catalog.translate(${tail}, '${punctuation}', '')) OPERATOR(pg_catalog.=) 4` +
      ` THEN ${stars}${concat}${tail}`
    );
  });
  return caseOf(value, [quick, refused, ...tails]);
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
