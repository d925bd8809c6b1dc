import type { PolicyComparison } from './policies.ts';

type Difference = PolicyComparison['difference'];
type PolicyDifference = Difference['policies'][number];
type Mask = PolicyDifference['masks'][number]['before'][number];

/** What differs in rights, for people: a line a fact, `+` for more rights and `-` for fewer, `~` for others. */
export function differenceText({ isSame, policies }: Difference): string {
  if (isSame) return 'No difference in rights.';
  return policies.flatMap((policy) => [headOf(policy), ...linesOf(policy)]).join('\n');
}

/**
 * The same as lines for whoever signs it: what gives more, or something else, comes first, whatever order the document
 * has; what takes away follows, under its policies once more.
 */
export function signedLines({ isSame, policies }: Difference): string[] {
  if (isSame) return ['No difference in rights.'];
  const parts = policies.map((policy) => {
    const lines = linesOf(policy);
    const less = lines.filter((line) => line.startsWith('  - '));
    return { head: headOf(policy), less, more: lines.filter((line) => !line.startsWith('  - ')) };
  });
  return [
    ...parts.flatMap(({ head, less, more }) => (more.length === 0 && less.length > 0 ? [] : [head, ...more])),
    ...parts.flatMap(({ head, less }) => (less.length === 0 ? [] : [`${head}, fewer rights`, ...less])),
  ];
}

/** Names and values come from others: nothing in them may move the cursor, turn the text around or begin a line. */
function clean(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');
}

function headOf({ name, status, isMoved }: PolicyDifference): string {
  return clean(`policy ${name}: ${status}${isMoved ? ' (moved)' : ''}`);
}

function linesOf(policy: PolicyDifference): string[] {
  const lines = [...grantLines(policy), ...maskLines(policy), ...filterLines(policy), ...restLines(policy)];
  return lines.map((line) => `  ${clean(line)}`);
}

function grantLines({ grants }: PolicyDifference): string[] {
  return grants.flatMap(({ table, added, removed }) => [
    ...(added.length === 0 ? [] : [`+ ${added.join(', ')} on ${table}`]),
    ...(removed.length === 0 ? [] : [`- ${removed.join(', ')} on ${table}`]),
  ]);
}

const signs = { stricter: '-', weaker: '+', other: '~' } as const;

function maskLines({ masks }: PolicyDifference): string[] {
  return masks.map(
    ({ column, before, after, effect }) =>
      `${signs[effect]} mask of ${column}: ${listOf(before)} -> ${listOf(after)} (${effect})`,
  );
}

function listOf(masks: readonly Mask[]): string {
  return masks.length === 0 ? 'none' : masks.map(maskText).join(' and ');
}

/** `email`, `partial(2/0)`, `email match equality`. */
function maskText({ preset, prefix, suffix, as, match }: Mask): string {
  const shown = preset === 'partial' ? `(${prefix ?? 0}/${suffix ?? 0})` : '';
  return `${preset}${shown}${as === undefined ? '' : ` as ${as}`}${match === undefined ? '' : ` match ${match}`}`;
}

function filterLines({ rowFilters }: PolicyDifference): string[] {
  return rowFilters.map(({ table, before, after }) => {
    const sign = before.length === 0 ? '-' : after.length === 0 ? '+' : '~';
    return `${sign} rows of ${table}: ${before.join(' and ') || 'all'} -> ${after.join(' and ') || 'all'}`;
  });
}

function restLines({ limits, users, groups }: PolicyDifference): string[] {
  return [
    ...limits.map(({ limit, before, after }) => `~ ${limit}: ${before ?? 'none'} -> ${after ?? 'none'}`),
    ...users.added.map((user) => `+ user ${user}`),
    ...users.removed.map((user) => `- user ${user}`),
    ...groups.added.map((group) => `+ group ${group}`),
    ...groups.removed.map((group) => `- group ${group}`),
  ];
}
