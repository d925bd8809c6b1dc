import type { PolicyEntry } from '@daam/shared/policy/document';
import { formatPattern } from '@daam/shared/policy/pattern';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { maskOfSuggestion } from './columns-panel.tsx';
import { presetWords } from './mask-samples.ts';
import { setMask } from './policy-model.ts';
import { matchesPattern } from './table-patterns.ts';
import { useSuggestions } from './use-policies.ts';

export interface SuggestionsPanelProps {
  readonly database: string;
  readonly policy: PolicyEntry;
  readonly isReadOnly: boolean;
  readonly onChange: (policy: PolicyEntry) => void;
}

const confidenceTones = { high: 'bad', medium: 'warn', low: 'neutral' } as const;

/** Columns that look as if they should be masked; nothing is applied before somebody accepts it. */
export function SuggestionsPanel({
  database,
  policy,
  isReadOnly,
  onChange,
}: SuggestionsPanelProps): ReactNode {
  const suggestions = useSuggestions(database);
  return (
    <FetchedContent query={suggestions} what="the suggestions">
      {({ items }) => {
        const open = items.filter(
          ({ schema, table, column }) =>
            !policy.masks.some((mask) => matchesPattern(mask.column, [schema, table, column])),
        );
        if (open.length === 0) {
          return (
            <Empty
              title={
                items.length === 0 ? 'No column looks as if it should be masked' : 'All of them are masked'
              }
            >
              Judged by names, types and comments of columns, never by values.
            </Empty>
          );
        }
        const accept = (chosen: readonly (typeof open)[number][]): void =>
          onChange(
            chosen.reduce(
              (next, one) =>
                setMask(next, formatPattern([one.schema, one.table, one.column]), maskOfSuggestion(one)),
              policy,
            ),
          );
        return (
          <>
            <div className="flex flex-wrap items-center gap-2 px-4 py-2">
              <span className="flex-1 text-text-2">
                {open.length} {open.length === 1 ? 'column looks' : 'columns look'} as if {policy.name} should
                mask {open.length === 1 ? 'it' : 'them'}: by names, types and comments, never by values.
              </span>
              {isReadOnly ? null : (
                <>
                  <Button
                    unavailable={open.every(({ confidence }) => confidence !== 'high')}
                    onClick={() => accept(open.filter(({ confidence }) => confidence === 'high'))}
                  >
                    Accept the sure ones
                  </Button>
                  <Button onClick={() => accept(open)}>Accept all {open.length}</Button>
                </>
              )}
            </div>
            <DataTable
              label="Suggested masks"
              rows={open.slice(0, 300)}
              rowKey={({ schema, table, column }) => `${schema}.${table}.${column}`}
              columns={[
                {
                  id: 'column',
                  header: 'Column',
                  render: ({ schema, table, column }) => (
                    <span className="font-data break-all">
                      {schema}.{table}.{column}
                    </span>
                  ),
                },
                {
                  id: 'mask',
                  header: 'Mask',
                  render: ({ preset }) => (
                    <span title={presetWords[preset].leaks}>
                      <Chip tone="mask">⊘ {presetWords[preset].label}</Chip>
                    </span>
                  ),
                },
                {
                  id: 'confidence',
                  header: 'Sure',
                  render: ({ confidence }) => <Chip tone={confidenceTones[confidence]}>{confidence}</Chip>,
                },
                { id: 'reason', header: 'Why', render: ({ reason }) => reason },
                {
                  id: 'shown',
                  header: 'Shown by',
                  render: ({ exposedBy }) =>
                    exposedBy.join(', ') || <span className="text-text-3">nobody</span>,
                },
                {
                  id: 'accept',
                  header: '',
                  render: (one) =>
                    isReadOnly ? null : (
                      <Button
                        aria-label={`Accept the mask of ${one.table}.${one.column}`}
                        onClick={() => accept([one])}
                      >
                        Accept
                      </Button>
                    ),
                },
              ]}
            />
          </>
        );
      }}
    </FetchedContent>
  );
}
