import type { StatementView } from '@daam/shared/api/routes/audit';
import { searchQuery } from '@daam/shared/audit/search-terms';
import { AppError } from '@daam/shared/errors/app-error';
import { pageFrom } from '../db/page.ts';
import { query } from '../db/query.ts';
import { searched } from '../db/row-security.ts';
import type { Scope } from '../db/scope.ts';
import { touch } from './record-columns.ts';
import {
  type Condition,
  countOf,
  numberOf,
  type RecordFilter,
  type RecordPage,
  type RecordRow,
  recordConditions,
  recordCursor,
  searchRecords,
  selectRecords,
  showRecord,
  textOf,
  utcText,
  when,
} from './record-query.ts';

export interface StatementFilter extends RecordFilter {
  readonly kind?: string | undefined;
  readonly class?: string | undefined;
  readonly decision?: string | undefined;
  readonly rule?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly table?: string | undefined;
  readonly operation?: string | undefined;
  readonly text?: string | undefined;
}

/** Everything that can be done with a table, as the column `touches` has it. */
const operations = ['select', 'insert', 'update', 'delete', 'truncate', 'denied'];

/** The conditions of a filter. INVALID_INPUT for an operation without a table, and for a search without a word. */
export function statementConditions(filter: StatementFilter): Condition[] {
  if (filter.operation !== undefined && filter.table === undefined) {
    throw new AppError('INVALID_INPUT', {
      field: 'query.operation',
      message: 'query.operation: on which table?',
    });
  }
  return [
    ...recordConditions(filter),
    ...when(filter.kind, 'kind = ?'),
    // Says the same, and has an index.
    ...(filter.kind === 'alarm' ? [{ sql: "class = 'alarm'", values: [] }] : []),
    ...when(filter.class, 'class = ?'),
    ...when(filter.decision, 'decision = ?'),
    ...when(filter.rule, 'rule = ?'),
    ...when(filter.fingerprint, 'fingerprint = ?'),
    ...when(filter.table && touchesOf(filter.table, filter.operation), 'touches && ?::text[]'),
    ...when(filter.text === undefined ? undefined : searchOf(filter.text), 'terms @@ ?::tsquery'),
  ];
}

function touchesOf(table: string, operation: string | undefined): string[] {
  return (operation === undefined ? operations : [operation]).map((one) => touch(one, table));
}

function searchOf(text: string): string {
  const search = searchQuery(text);
  if (search !== null) return search;
  throw new AppError('INVALID_INPUT', {
    field: 'query.text',
    message: 'query.text: has no word that is looked for.',
  });
}

type StatementRow = RecordRow & { readonly class: string; readonly fingerprint: string | null };

/** Statements and alarms, newest first, each statement with how it ended. */
export async function listStatements(scope: Scope, filter: StatementFilter & RecordPage) {
  const isSearch = filter.text !== undefined || filter.table !== undefined;
  const asked = { page: filter, conditions: statementConditions(filter), further: ', class, fingerprint' };
  const rows = isSearch
    ? await searchRecords<StatementRow>(scope, asked)
    : await selectRecords<StatementRow>(scope, 'audit_statements', asked);
  const ends = await endsOf(scope, rows);
  return pageFrom(rows, filter.limit, {
    show: (row) => ({
      ...showRecord(row),
      class: row.class,
      fingerprint: row.fingerprint,
      end: ends.get(`${row.agent_id} ${row.seq}`) ?? null,
    }),
    cursorOf: recordCursor,
  });
}

type End = StatementView['end'];

async function endsOf(scope: Scope, rows: readonly StatementRow[]): Promise<Map<string, End>> {
  if (rows.length === 0) return new Map();
  const found = await query<(RecordRow & { readonly statement_seq: string })[]>(
    scope.em,
    `select c.agent_id, c.statement_seq, ${utcText('at')}, c.event
       from unnest(?::uuid[], ?::bigint[]) s(agent, seq)
       join audit_completions c on c.agent_id = s.agent and c.statement_seq = s.seq
      where c.org_id = ?`,
    [rows.map(({ agent_id }) => agent_id), rows.map(({ seq }) => seq), scope.org],
  );
  return new Map(found.map((row) => [`${row.agent_id} ${row.statement_seq}`, endOf(row)]));
}

function endOf({ at_text, event }: RecordRow): End {
  return {
    at: at_text,
    durationMs: numberOf(event['durationMs']) ?? 0,
    rows: countOf(event['rows']) ?? 0,
    tag: textOf(event['tag']),
    sqlstate: textOf(event['sqlstate']),
  };
}

/** Who used a table, the last one first; at most this many people. */
const maxReaders = 1_000;

export interface ReadersAsked {
  readonly table: string;
  readonly operation: string;
  readonly database?: string | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

/** Who used a table in a time, and how often. */
export async function listTableReaders(scope: Scope, asked: ReadersAsked) {
  const conditions = statementConditions(asked);
  const rows = await query<
    {
      user_id: string | null;
      email: string | null;
      statements: string;
      first_text: string;
      last_text: string;
    }[]
  >(
    scope.em,
    `select r.user_id, u.email, r.statements, ${utcText('first')}, ${utcText('last')}
       from (select user_id, count(*) as statements, min(at) as first, max(at) as last from ${searched.view}
              where org_id = ? and ${conditions.map(({ sql }) => sql).join(' and ')}
              group by user_id order by max(at) desc limit ${maxReaders}) r
       left join users u on u.org_id = ? and u.id = r.user_id
      order by r.last desc, r.user_id`,
    [scope.org, ...conditions.flatMap(({ values }) => values), scope.org],
  );
  return {
    items: rows.map((row) => ({
      user: row.user_id,
      email: row.email,
      statements: Number(row.statements),
      first: row.first_text,
      last: row.last_text,
    })),
  };
}
