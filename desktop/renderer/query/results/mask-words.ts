/** What a mask keeps and what conditions see, in words; the presets are those of the policy. */
import type { DatabaseColumn, Mask, QueryResult, ResultColumn } from '../../../ipc/schema.ts';

type Preset = NonNullable<DatabaseColumn['preset']>;

const presets: Partial<Readonly<Record<string, string>>> = {
  email: 'keeps the first letters of name and host: j***@e***.com',
  phone: 'keeps the last four digits: ***-***-1234',
  ssn: 'keeps the last four digits: ***-**-6789',
  credit_card: 'keeps the last four digits: ****-****-****-1111',
  name: 'keeps the first letters: A*** J***',
  partial: 'keeps a part at the beginning or the end',
  pseudonym: 'gives the same invented value for the same real one',
  redact: 'shows *** in place of every value',
  null: 'shows NULL in place of every value',
};

export function presetWords(preset: Preset): string {
  const words = presets[preset];
  return words === undefined ? preset : `${preset}: ${words}`;
}

export function matchWords(match: Mask['match']): string {
  return match === 'equality'
    ? '= and IN compare the real value; LIKE, order and groups see the mask.'
    : 'Conditions, order and groups see the mask.';
}

/** "email, masked: email" for a screen reader. */
export function columnLabel(column: ResultColumn): string {
  if (column.shows === 'plain') return column.name;
  const kinds = [...new Set(column.masks.map(({ preset }) => preset))].join(', ');
  return column.shows === 'masked'
    ? `${column.name}, masked: ${kinds}`
    : `${column.name}, computed from masks: ${kinds}`;
}

/** For the clipboard. No values. */
export function maskDetails(column: ResultColumn): string {
  return column.masks
    .map(
      ({ relation, column: name, preset, policy, version, match }) =>
        `${relation}.${name}: masked by ${preset}, policy ${policy} v${version}, conditions: ${match}`,
    )
    .join('\n');
}

/** "analyst v12" of the policies that a result was made under; null when none masked anything. */
export function versionWords({ policies }: QueryResult): string | null {
  return policies.length === 0 ? null : policies.map(({ name, version }) => `${name} v${version}`).join(', ');
}
