/** A difference of two documents in words: rights, masks, filters, limits and whom they are assigned to. */
import type { PolicyComparison } from '@daam/shared/api/policies';
import type { ReactNode } from 'react';
import { Chip, type Tone } from '../../ui/chip.tsx';

type Difference = PolicyComparison['difference'];
type PolicyChange = Difference['policies'][number];

const statusTones: Readonly<Record<PolicyChange['status'], Tone>> = {
  added: 'ok',
  removed: 'bad',
  changed: 'warn',
};

export function DifferenceView({ difference }: { readonly difference: Difference }): ReactNode {
  if (difference.isSame) return <p className="text-text-2">Both say the same in rights.</p>;
  return (
    <ul className="flex flex-col gap-3">
      {difference.policies.map((policy) => (
        <li key={policy.name}>
          <p className="flex items-center gap-2 font-medium">
            {policy.name} <Chip tone={statusTones[policy.status]}>{policy.status}</Chip>
          </p>
          <ul className="ml-4 list-disc">
            {changeLines(policy).map((line) => (
              <li key={line} className="break-words">
                {line}
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

/** Every change of a policy as one line. */
export function changeLines(policy: PolicyChange): string[] {
  const lines = [
    ...policy.grants.flatMap(({ table, added, removed }) => [
      ...(added.length > 0 ? [`${table}: ${added.join(', ')} granted`] : []),
      ...(removed.length > 0 ? [`${table}: ${removed.join(', ')} taken away`] : []),
    ]),
    ...policy.masks.map(
      ({ column, before, after, effect }) =>
        `${column}: ${masksWords(before)} → ${masksWords(after)}${effect === 'other' ? '' : ` (${effect})`}`,
    ),
    ...policy.rowFilters.map(
      ({ table, before, after }) =>
        `${table}: rows where ${before.join(' and ') || 'anything'} → ${after.join(' and ') || 'anything'}`,
    ),
    ...policy.limits.map(
      ({ limit, before, after }) =>
        `${limit}: ${String(before ?? 'no limit')} → ${String(after ?? 'no limit')}`,
    ),
    ...subjectLines('group', policy.groups),
    ...subjectLines('', policy.users),
  ];
  return lines.length === 0 && policy.isMoved ? ['stands at another place'] : lines;
}

function masksWords(masks: PolicyChange['masks'][number]['before']): string {
  if (masks.length === 0) return 'clear';
  return masks
    .map(
      ({ preset, match }) =>
        `${preset === 'null' ? 'hidden' : preset}${match === undefined ? '' : `, match ${match}`}`,
    )
    .join(' and ');
}

function subjectLines(word: string, { added, removed }: PolicyChange['users']): string[] {
  return [
    ...added.map((name) => `assigned to ${word} ${name}`.replace('  ', ' ')),
    ...removed.map((name) => `taken from ${word} ${name}`.replace('  ', ' ')),
  ];
}

/** A unified difference of texts; signs say what colour repeats. */
export function UnifiedText({ text }: { readonly text: string }): ReactNode {
  if (text === '') return <p className="text-text-2">The texts are the same.</p>;
  return (
    <pre
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label="Difference of the texts"
      className="max-h-96 overflow-auto rounded-panel border border-border bg-sunken p-2 font-data text-12"
    >
      {text.split('\n').map((line, index) => (
        // eslint-disable-next-line react/no-array-index-key -- lines of a text that never changes
        <span key={index} className={`block ${lineLook(line)}`}>
          {line === '' ? ' ' : line}
        </span>
      ))}
    </pre>
  );
}

function lineLook(line: string): string {
  if (line.startsWith('+')) return 'bg-ok-bg text-ok';
  if (line.startsWith('-')) return 'bg-bad-bg text-bad';
  return line.startsWith('@@') ? 'text-text-3' : '';
}
