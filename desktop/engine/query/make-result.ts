import type { ResultMetadata } from '@daam/shared/api/mask-metadata';
import type { ResultColumn as WireColumn } from '@daam/shared/pgwire/row-description';
import type { Params, Query } from '../../ipc/schema.ts';
import { describeColumns, policiesOf } from './result-columns.ts';
import type { ResultSpool } from './result-spool.ts';
import type { ResultStore } from './result-store.ts';
import type { SplitStatement } from './split-statements.ts';
import type { StatementHints } from './statement-hints.ts';
import { newKey } from './wire-session.ts';

/** The place for the rows of a statement, with what is known of its columns. */
export async function makeResult(of: {
  readonly results: ResultStore;
  readonly query: Query;
  readonly columns: readonly WireColumn[];
  readonly metadata: ResultMetadata | null;
  readonly statement: SplitStatement;
  readonly hints: StatementHints | null;
  readonly index: number;
  readonly mode: Params<'runQuery'>['mode'];
  readonly now: number;
}): Promise<{ readonly id: string; readonly spool: ResultSpool }> {
  const { results, query, statement, index, mode } = of;
  const isPlan = mode !== 'run';
  const described = describeColumns(of.columns, of.metadata);
  // A plan has no values of a table.
  const columns = isPlan ? described.map((column) => ({ ...column, shows: 'plain' as const })) : described;
  const id = newKey();
  const spool = await results.create({
    id,
    tab: query.tab,
    database: query.database,
    run: query.run?.id ?? id,
    statement: index,
    name: nameOf(statement, of.hints, index),
    kind: isPlan ? 'plan' : 'rows',
    columns,
    rows: 0,
    bytes: 0,
    state: 'loading',
    maskedColumns: columns.filter(({ shows }) => shows === 'masked' || shows === 'derived').length,
    policies: policiesOf(columns),
    isOutdated: false,
    isPinned: false,
    at: new Date(of.now).toISOString(),
  });
  return { id, spool };
}

const firstTable =
  /\b(?:from|table|into|update)\s+((?:"(?:[^"]|"")+"|[\w$]+)(?:\.(?:"(?:[^"]|"")+"|[\w$]+))?)/i;

function nameOf({ name, text }: SplitStatement, hints: StatementHints | null, index: number): string {
  const table = hints === null ? firstTable.exec(text)?.[1] : hints.table;
  return (name ?? table ?? `Result ${index + 1}`).slice(0, 120);
}
