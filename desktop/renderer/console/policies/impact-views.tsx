import type { DryRun, PeopleImpact, TableChange } from '@daam/shared/api/policies';
import type { ReactNode } from 'react';
import { Chip, type Tone } from '../../ui/chip.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';

/** Who would lose or gain what. */
export function PeopleImpactView({ impact }: { readonly impact: PeopleImpact }): ReactNode {
  const { affected, considered, summary, groups, basis, truncated } = impact;
  return (
    <div className="flex flex-col gap-3">
      <p>
        {affected} of {considered} {considered === 1 ? 'person' : 'people'} with access{' '}
        {affected === 1 ? 'is' : 'are'} affected
        {basis === 'names' ? ', judged by the names in the policies: no schema was reported' : ''}.
      </p>
      <ul className="ml-4 list-disc">
        {summary.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {groups.map((group) => (
        <section
          key={group.people.map(({ id }) => id).join()}
          className="rounded-panel border border-border p-3"
        >
          <h3 className="font-medium break-words">
            {group.people
              .slice(0, 5)
              .map(({ email }) => email)
              .join(', ')}
            {group.count > 5 ? ` and ${group.count - 5} more` : ''}
          </h3>
          <ul className="ml-4 list-disc">
            {group.tables.flatMap(tableLines).map((line) => (
              <li key={line} className="break-words">
                {line}
              </li>
            ))}
            {group.limits.map(({ limit, before, after }) => (
              <li key={limit}>
                {limit}: {before ?? 'no limit'} → {after ?? 'no limit'}
              </li>
            ))}
          </ul>
        </section>
      ))}
      {truncated ? <p className="text-text-2">There is more than is shown.</p> : null}
    </div>
  );
}

/** Every change on a table as one line. */
export function tableLines(change: TableChange): string[] {
  const name = `${change.schema}.${change.table}`;
  return [
    ...(change.gained.length > 0 ? [`${name}: gain ${change.gained.join(', ')}`] : []),
    ...(change.lost.length > 0 ? [`${name}: lose ${change.lost.join(', ')}`] : []),
    ...change.columns.map(
      ({ columns, before, after, beforeMask, afterMask }) =>
        `${name} (${columns.join(', ')}): ${beforeMask?.preset ?? before} → ${afterMask?.preset ?? after}`,
    ),
    ...(change.rowFilters === null
      ? []
      : [
          `${name}: rows where ${change.rowFilters.before.join(' and ') || 'anything'} → ${change.rowFilters.after.join(' and ') || 'anything'}`,
        ]),
  ];
}

type StatementImpact = NonNullable<DryRun['statements']>;

const effects: Readonly<Record<StatementImpact['items'][number]['effect'], readonly [string, Tone]>> = {
  refused: ['would be refused', 'bad'],
  allowed: ['would be allowed', 'ok'],
  masked: ['more would be masked', 'mask'],
  unmasked: ['less would be masked', 'warn'],
};

/** What would have happened to recorded statements. */
export function StatementImpactView({ impact }: { readonly impact: StatementImpact }): ReactNode {
  const now = useNow();
  const { counts, considered, days, judgedBy, withoutAgent, items, truncated } = impact;
  return (
    <div className="flex flex-col gap-3">
      <p>
        Of {considered} recorded {considered === 1 ? 'statement' : 'statements'} of the last {days} days,{' '}
        {counts.refused} would now be refused, {counts.allowed} allowed, {counts.masked} more masked,{' '}
        {counts.unmasked} less masked; {counts.same} stay as they were.
      </p>
      <p className="text-12 text-text-2">
        {judgedBy.agent} judged by the agent from their text, {judgedBy.tables} by their tables and
        operations. {withoutAgent}
        {counts.unknown > 0 ? ` Of ${counts.unknown} it is not known.` : ''}
      </p>
      {items.length === 0 ? null : (
        <DataTable
          label="Statements that would be treated otherwise"
          rows={items}
          rowKey={({ record, effect }) => `${record.agent}-${record.seq}-${effect}`}
          columns={[
            {
              id: 'text',
              header: 'Statement',
              render: ({ text }) => <span className="line-clamp-3 font-data text-12 break-all">{text}</span>,
            },
            {
              id: 'effect',
              header: 'Now',
              render: ({ effect, reason }) => (
                <>
                  <Chip tone={effects[effect][1]}>{effects[effect][0]}</Chip>
                  <span className="block text-12 text-text-2">{reason}</span>
                </>
              ),
            },
            {
              id: 'user',
              header: 'By',
              render: ({ user }) => <span className="break-all">{user.email}</span>,
            },
            { id: 'count', header: 'Times', align: 'end', render: ({ count }) => count },
            { id: 'last', header: 'Last', render: ({ lastAt }) => moment(lastAt, now) },
          ]}
        />
      )}
      {truncated ? <p className="text-text-2">There is more than is shown.</p> : null}
    </div>
  );
}
