import type { DriftFinding, SchemaTable } from '@daam/shared/api/database-schema';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { Section } from '../../ui/page.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { moment } from '../../ui/time.ts';
import { type TreeRow, TreeGrid } from '../../ui/tree-grid.tsx';
import { useNow } from '../../ui/use-now.ts';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useRead } from '../use-console.ts';
import type { AdminDatabase } from './admin-database.ts';
import { toggled } from '../../ui/toggled.ts';

const severityTones = { critical: 'bad', warning: 'warn', info: 'neutral' } as const;
/** Tables that are shown at once; the filter finds the others. */
const maxTables = 300;

/** What the agent reported, and where policies and database do not fit. */
export function SchemaTab({ database }: { readonly database: AdminDatabase }): ReactNode {
  const now = useNow();
  const params = { database: database.id };
  const { run, failure, isBusy } = useAction();
  const schema = useRead(['schema', database.id], async (api) => await api.getSchema({ params }), {
    every: 10_000,
  });
  const drift = useRead(['drift', database.id], async (api) => await api.getDrift({ params }), {
    every: 10_000,
  });
  return (
    <>
      <Section title="Drift">
        <FetchedContent query={drift} what="the drift">
          {({ items }) =>
            items.length === 0 ? (
              <p className="text-text-2">Policies and database fit.</p>
            ) : (
              <DriftTable items={items} />
            )
          }
        </FetchedContent>
      </Section>
      <Section
        title="Schema"
        actions={
          <Button
            unavailable={isBusy}
            onClick={() =>
              void run(async (api) => await api.refreshSchema({ params }), 'The agent reads the schema anew.')
            }
          >
            Refresh
          </Button>
        }
      >
        <ActionProblem failure={failure} />
        <FetchedContent query={schema} what="the schema">
          {({ received, versions }) =>
            received === null ? (
              <Empty title="No schema was reported yet" />
            ) : (
              <>
                <p className="text-12 text-text-2">
                  Version {received.version.version} of {versions.length} kept, since{' '}
                  {moment(received.version.at, now)}, confirmed {moment(received.version.confirmedAt, now)}.
                  {received.scope === null
                    ? ''
                    : ` The agent's operator allows ${received.scope.join(', ')} only.`}
                </p>
                {received.changes === null || received.changes.length === 0 ? null : (
                  <ul className="ml-4 list-disc">
                    {received.changes.slice(0, 50).map(({ kind, object, before, after }) => (
                      <li key={`${kind}${object}`} className="break-words">
                        {kind.replaceAll('-', ' ')}: <span className="font-data">{object}</span>
                        {before === null ? '' : ` ${before} → ${after ?? ''}`}
                      </li>
                    ))}
                  </ul>
                )}
                <Tables tables={received.tables} />
              </>
            )
          }
        </FetchedContent>
      </Section>
    </>
  );
}

function DriftTable({ items }: { readonly items: readonly DriftFinding[] }): ReactNode {
  return (
    <DataTable
      label="Drift"
      rows={items}
      rowKey={({ rule, kind, object }) => `${rule.policy}${rule.path}${kind}${object ?? ''}`}
      columns={[
        {
          id: 'what',
          header: 'What',
          render: ({ message }) => <span className="break-words">{message}</span>,
        },
        {
          id: 'severity',
          header: 'Severity',
          render: ({ severity }) => <Chip tone={severityTones[severity]}>{severity}</Chip>,
        },
        {
          id: 'rule',
          header: 'Rule',
          render: ({ rule }) => (
            <span className="break-all">
              {rule.policy}: <span className="font-data">{rule.pattern}</span>
            </span>
          ),
        },
        {
          id: 'object',
          header: 'Object',
          render: ({ object }) => <span className="font-data break-all">{object}</span>,
        },
      ]}
    />
  );
}

type Value =
  | { readonly kind: 'table'; readonly table: SchemaTable }
  | { readonly kind: 'column'; readonly table: SchemaTable; readonly column: SchemaTable['columns'][number] };

function Tables({ tables }: { readonly tables: readonly SchemaTable[] }): ReactNode {
  const [filter, setFilter] = useState('');
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [selected, setSelected] = useState<string | null>(null);
  const wanted = filter.trim().toLowerCase();
  const matching = tables.filter(({ schema, name }) => `${schema}.${name}`.toLowerCase().includes(wanted));
  const toggle = (id: string): void => setOpen((before) => toggled(before, id));
  return (
    <>
      <TextField
        label="Filter tables"
        type="search"
        className="my-2 max-w-72"
        value={filter}
        onChange={({ target }) => setFilter(target.value)}
      />
      <div className="overflow-x-auto">
        <TreeGrid<Value>
          label="Schema"
          rows={matching.slice(0, maxTables).flatMap((table) => rowsOf(table, open))}
          selected={selected}
          onSelect={setSelected}
          onToggle={toggle}
          onActivate={toggle}
          columns={[
            {
              id: 'name',
              header: 'Table or column',
              className: 'min-w-48',
              render: (value) => (
                <span className="font-data break-all">
                  {value.kind === 'table' ? `${value.table.schema}.${value.table.name}` : value.column.name}
                </span>
              ),
            },
            { id: 'type', header: 'Type', className: 'text-text-2', render: typeOf },
            {
              id: 'comment',
              header: 'Comment',
              className: 'text-12 text-text-2',
              render: (value) => (value.kind === 'table' ? value.table.comment : value.column.comment),
            },
          ]}
        />
      </div>
      {matching.length > maxTables ? (
        <p className="py-2 text-text-2">{matching.length - maxTables} more tables: filter to find them.</p>
      ) : null}
    </>
  );
}

function rowsOf(table: SchemaTable, open: ReadonlySet<string>): TreeRow<Value>[] {
  const id = JSON.stringify([table.schema, table.name]);
  const isExpanded = open.has(id);
  return [
    { id, level: 1, value: { kind: 'table', table }, isExpandable: table.columns.length > 0, isExpanded },
    ...(isExpanded ? table.columns : []).map((column) => ({
      id: JSON.stringify([table.schema, table.name, column.name]),
      level: 2,
      value: { kind: 'column' as const, table, column },
      isExpandable: false,
      isExpanded: false,
    })),
  ];
}

function typeOf(value: Value): string {
  if (value.kind === 'table') return `${value.table.kind}, ${value.table.columns.length} columns`;
  const { column, table } = value;
  const marks = [
    column.notNull ? 'not null' : '',
    column.generated ? 'generated' : '',
    table.primaryKey.includes(column.name) ? 'primary key' : '',
  ];
  return [column.type, ...marks.filter((mark) => mark !== '')].join(', ');
}
