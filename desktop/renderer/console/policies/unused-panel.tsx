/** Grants of a policy that nobody used, from recorded statements; removing them is a change of the draft like any other. */
import type { UnusedGrants } from '@daam/shared/api/routes/publications';
import type { PolicyEntry } from '@daam/shared/policy/document';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { useRead } from '../use-console.ts';
import { removeOperations } from './policy-model.ts';

export interface UnusedPanelProps {
  readonly database: string;
  readonly policy: PolicyEntry;
  readonly isReadOnly: boolean;
  readonly onChange: (policy: PolicyEntry) => void;
}

type Days = '30' | '90';

export function UnusedPanel({ database, policy, isReadOnly, onChange }: UnusedPanelProps): ReactNode {
  const [days, setDays] = useState<Days>('90');
  const unused = useRead(
    ['unused', database, days],
    async (api) => await api.listUnusedGrants({ params: { database }, query: { days: Number(days) } }),
  );
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 px-4 py-2">
        <Segmented<Days>
          label="Not used for"
          value={days}
          options={[
            { value: '30', label: '30 days' },
            { value: '90', label: '90 days' },
          ]}
          onChange={setDays}
        />
      </div>
      <FetchedContent query={unused} what="what was used">
        {(found) => <Found {...{ found, policy, isReadOnly, onChange }} />}
      </FetchedContent>
    </>
  );
}

function Found({
  found,
  policy,
  isReadOnly,
  onChange,
}: Omit<UnusedPanelProps, 'database'> & { readonly found: UnusedGrants }): ReactNode {
  const now = useNow();
  // What the draft took away already is not told again.
  const items = found.items.filter(
    (one) =>
      one.policy === policy.name &&
      policy.grants.some(
        ({ table, operations }) =>
          table === one.table && one.operations.some((operation) => operations.includes(operation)),
      ),
  );
  const basis =
    found.since === null
      ? 'No statement was recorded in this time: whatever is granted counts as not used.'
      : `From ${found.considered.toLocaleString()} recorded statements since ${moment(found.since, now)}${
          found.isTruncated ? '; there is more than was looked at' : ''
        }. What was granted later is not listed.`;
  if (items.length === 0)
    return <Empty title={`Everything that ${policy.name} grants was used`}>{basis}</Empty>;
  const remove = (chosen: typeof items): void =>
    onChange(
      chosen.reduce((next, { table, operations }) => removeOperations(next, table, operations), policy),
    );
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 px-4 pb-2">
        <span className="min-w-0 flex-1 text-text-2">{basis}</span>
        {isReadOnly ? null : (
          <Button onClick={() => remove(items)}>Remove all {items.length} from the draft</Button>
        )}
      </div>
      <DataTable
        label="Grants that were not used"
        rows={items}
        rowKey={({ table }) => table}
        columns={[
          {
            id: 'table',
            header: 'Table',
            render: ({ table }) => <span className="font-data break-all">{table}</span>,
          },
          { id: 'operations', header: 'Not used', render: ({ operations }) => operations.join(', ') },
          {
            id: 'line',
            header: 'Of its line',
            render: ({ isWholeLine }) => (isWholeLine ? 'everything' : 'a part'),
          },
          {
            id: 'remove',
            header: '',
            render: (one) =>
              isReadOnly ? null : (
                <Button
                  aria-label={`Remove ${one.operations.join(', ')} on ${one.table}`}
                  onClick={() => remove([one])}
                >
                  Remove
                </Button>
              ),
          },
        ]}
      />
    </>
  );
}
