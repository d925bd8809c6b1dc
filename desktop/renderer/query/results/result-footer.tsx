import type { ReactNode } from 'react';
import type { QueryResult, StatementState } from '../../../ipc/schema.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { Button } from '../../ui/button.tsx';
import type { GridColumn } from '../../ui/result-grid/cells.ts';
import type { GridPlace } from '../../ui/result-grid/selection.ts';
import { duration } from '../../ui/time.ts';

export interface ResultFooterProps {
  readonly result: QueryResult;
  readonly statement: StatementState | undefined;
  readonly selection: { readonly focus: GridPlace } | null;
  readonly columns: readonly GridColumn[];
}

/** How many rows are here, how long it took, how to get more, and where the cursor is. */
export function ResultFooter({ result, statement, selection, columns }: ResultFooterProps): ReactNode {
  const bridge = useBridge();
  const focus = selection?.focus;
  const column = focus === undefined ? undefined : columns[focus.column];
  const load = (how: 'next' | 'all') => (): void => void bridge.call('loadRows', { result: result.id, how });
  return (
    <div className="flex min-h-7.5 flex-none flex-wrap items-center gap-x-3 gap-y-1 border-t border-border px-3 text-12 text-text-2">
      <span>{countWords(result)}</span>
      {statement === undefined || statement.firstRowMs === null ? null : (
        <span>first row {duration(statement.firstRowMs)}</span>
      )}
      {statement === undefined || statement.tookMs === null ? null : (
        <span>{duration(statement.tookMs)}</span>
      )}
      {result.state === 'paused' ? (
        <span className="flex gap-1 py-0.5">
          <Button look="quiet" onClick={load('next')}>
            Load more
          </Button>
          <Button look="quiet" onClick={load('all')}>
            Load all
          </Button>
        </span>
      ) : null}
      <span>recorded</span>
      {column === undefined || focus === undefined ? null : (
        <span className="ml-auto">
          {focus.row < 0 ? 'Header' : `Row ${(focus.row + 1).toLocaleString()}`}, {column.name}
          {column.isMasked ? ' (masked)' : ''}
        </span>
      )}
    </div>
  );
}

function countWords({ state, rows, policies }: QueryResult): string {
  const count = `${rows.toLocaleString()}${state === 'paused' || state === 'closed' ? '+' : ''} ${rows === 1 ? 'row' : 'rows'}`;
  switch (state) {
    case 'loading':
      return `${count}, loading…`;
    case 'limited': {
      const names = policies.map(({ name }) => name).join(', ');
      return `Stopped at ${count}, the cap${names === '' ? '' : ` of ${names}`}`;
    }
    case 'closed':
      return `${count}; run it again for the rest`;
    case 'cancelled':
      return `${count} received, then cancelled`;
    case 'failed':
      return `${count} received, then it failed`;
    case 'paused':
    case 'complete':
      break;
  }
  return count;
}
