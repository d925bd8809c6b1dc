import type { MyStatement } from '@daam/shared/api/routes/my-activity';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useApi } from '../bridge/use-api.ts';
import { Button } from '../ui/button.tsx';
import { Chip } from '../ui/chip.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { Select } from '../ui/select.tsx';
import { Empty, FetchedContent } from '../ui/states.tsx';
import { TextField } from '../ui/text-field.tsx';
import { duration, moment } from '../ui/time.ts';
import { useNow } from '../ui/use-now.ts';
import { MoreButton } from './more-button.tsx';
import { usePages } from './use-pages.ts';

type Outcome = 'all' | 'allow' | 'deny';

/** My statements as the audit has them, on whichever device and with whichever client: what ran, was masked, was refused. */
export function AuditedStatements(): ReactNode {
  const api = useApi();
  const now = useNow();
  const [outcome, setOutcome] = useState<Outcome>('all');
  const [typed, setTyped] = useState('');
  const [words, setWords] = useState('');
  const pages = usePages(['my-statements', outcome, words], (after) =>
    api.listMyStatements({
      query: {
        limit: 100,
        ...(after === undefined ? {} : { after }),
        ...(outcome === 'all' ? {} : { decision: outcome }),
        ...(words === '' ? {} : { text: words }),
      },
    }),
  );
  return (
    <>
      <form
        className="flex flex-wrap items-end gap-3 px-4 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          setWords(typed.trim());
        }}
      >
        <Select<Outcome>
          label="Outcome"
          className="w-40"
          value={outcome}
          options={[
            { value: 'all', label: 'All' },
            { value: 'allow', label: 'Allowed' },
            { value: 'deny', label: 'Refused' },
          ]}
          onChange={setOutcome}
        />
        <TextField
          label="Words in the statement"
          className="w-72"
          maxLength={500}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
        <Button type="submit">Search</Button>
      </form>
      <FetchedContent query={pages} what="your statements">
        {(items) =>
          items.length === 0 ? (
            <Empty
              title={
                words === '' && outcome === 'all' ? 'The audit has no statement of yours yet' : 'Nothing fits'
              }
            >
              A statement stands here moments after it ran, whichever client ran it.
            </Empty>
          ) : (
            <Table items={items} now={now} />
          )
        }
      </FetchedContent>
      <MoreButton pages={pages} />
    </>
  );
}

function Table({ items, now }: { readonly items: readonly MyStatement[]; readonly now: number }): ReactNode {
  return (
    <DataTable
      label="My statements"
      rows={items}
      rowKey={({ agent, seq }) => `${agent}-${seq}`}
      columns={[
        {
          id: 'text',
          header: 'Statement',
          render: ({ text, isTruncated }) => (
            <span className="line-clamp-2 font-data text-12 break-all" title={text}>
              {text}
              {isTruncated ? '…' : ''}
            </span>
          ),
        },
        { id: 'database', header: 'Database', render: ({ database }) => database.name },
        { id: 'outcome', header: 'Outcome', render: (statement) => <OutcomeChips statement={statement} /> },
        { id: 'rows', header: 'Rows', align: 'end', render: ({ end }) => end?.rows.toLocaleString() ?? '' },
        {
          id: 'took',
          header: 'Took',
          align: 'end',
          render: ({ end }) => (end === null ? '' : duration(end.durationMs)),
        },
        { id: 'at', header: 'At', className: 'whitespace-nowrap', render: ({ at }) => moment(at, now) },
      ]}
    />
  );
}

function OutcomeChips({
  statement: { decision, tables, end, sqlstate },
}: {
  readonly statement: MyStatement;
}): ReactNode {
  const masked = tables.filter((table) => table.masked).map(({ schema, name }) => `${schema}.${name}`);
  const failure = end?.sqlstate ?? null;
  return (
    <span className="flex flex-wrap gap-1">
      {decision === 'deny' ? <Chip tone="bad">refused {sqlstate ?? ''}</Chip> : null}
      {decision === 'allow' && failure !== null ? <Chip tone="warn">failed {failure}</Chip> : null}
      {decision === 'allow' && failure === null ? <Chip tone="ok">allowed</Chip> : null}
      {decision === 'allow' && masked.length > 0 ? (
        <Chip tone="mask">
          <span className="min-w-0 truncate">masked: {masked.join(', ')}</span>
        </Chip>
      ) : null}
    </span>
  );
}
