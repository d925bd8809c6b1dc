import { query } from '../db/query.ts';
import { decodeCursor } from '../db/page.ts';
import { searched } from '../db/row-security.ts';
import type { Scope } from '../db/scope.ts';
import type { RecordTable } from './record-columns.ts';

/** One condition of a WHERE clause: its text with a `?` for each value. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** A condition, unless nothing is asked for. */
export function when(value: unknown, sql: string): Condition[] {
  return value === undefined ? [] : [{ sql, values: [value] }];
}

/** What every list of agents' records can be narrowed by. */
export interface RecordFilter {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  readonly session?: string | undefined;
}

/** The conditions of a filter. */
export function recordConditions(filter: RecordFilter): Condition[] {
  return [
    ...when(filter.from, 'at >= ?::timestamptz'),
    ...when(filter.until, 'at < ?::timestamptz'),
    ...when(filter.database, 'database_id = ?::uuid'),
    ...when(filter.user, 'user_id = ?::uuid'),
    ...when(filter.session, 'session_id = ?'),
  ];
}

/** A time as ISO 8601 in UTC with milliseconds: `at` as `at_text`. */
export function utcText(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${column}_text`;
}

/** Columns that every record has, as they are shown. */
export interface RecordRow {
  readonly agent_id: string;
  readonly seq: string;
  readonly at_text: string;
  readonly received_at_text: string;
  readonly kind: string;
  readonly database_id: string;
  readonly user_id: string | null;
  readonly session_id: string | null;
  readonly hash: string;
  readonly event: Record<string, unknown>;
}

export interface RecordPage {
  readonly limit: number;
  readonly after?: string | undefined;
  /** Which end of the span the list begins at; absent: the newest. */
  readonly order?: 'newest' | 'oldest' | undefined;
}

/** What is asked of a table. */
export interface RecordsAsked {
  readonly page: RecordPage;
  readonly conditions: readonly Condition[];
  /** Columns beside those of `RecordRow`. */
  readonly further?: string;
}

/** One page of a table and one row more: walks through time from its beginning until the page is full. */
export async function selectRecords<Row extends RecordRow>(
  scope: Scope,
  table: RecordTable | typeof searched.view,
  { page, conditions, further = '' }: RecordsAsked,
): Promise<Row[]> {
  const all = allConditions(scope, page, conditions);
  return await query<Row[]>(
    scope.em,
    `select ${recordColumns}${further} from ${table} where ${all.map(({ sql }) => sql).join(' and ')}
      ${inOrder(page)} limit ?`,
    [...all.flatMap(({ values }) => values), page.limit + 1],
  );
}

function inOrder({ order }: RecordPage): string {
  const way = order === 'oldest' ? 'asc' : 'desc';
  return `order by at ${way}, agent_id ${way}, seq ${way}`;
}

/** More are many. */
const few = 3_000;

/**
 * As `selectRecords` of statements, for conditions that may be met rarely. The planner cannot know how often a word occurs that
 * is not among the most common ones; if it guesses wrong, it walks back through all that was ever written. So up to a
 * bound all such records are found, by the index, and sorted; only when there are more is it sure that walking back
 * soon fills the page.
 */
export async function searchRecords<Row extends RecordRow>(
  scope: Scope,
  asked: RecordsAsked,
): Promise<Row[]> {
  const { page, conditions, further = '' } = asked;
  const all = allConditions(scope, page, conditions);
  const rows = await query<(Row & { readonly found: string })[]>(
    scope.em,
    `with found as materialized (
       select * from ${searched.view} where ${all.map(({ sql }) => sql).join(' and ')} limit ${few + 1})
     select ${recordColumns}${further}, (select count(*) from found) as found
       from found ${inOrder(page)} limit ?`,
    [...all.flatMap(({ values }) => values), page.limit + 1],
  );
  return Number(rows[0]?.found ?? 0) <= few ? rows : await selectRecords<Row>(scope, searched.view, asked);
}

const recordColumns = `agent_id, seq, ${utcText('at')}, ${utcText('received_at')}, kind, database_id, user_id,
  session_id, hash, event`;

function allConditions({ org }: Scope, page: RecordPage, conditions: readonly Condition[]): Condition[] {
  const cursor = decodeCursor(page.after, 3);
  const sign = page.order === 'oldest' ? '>' : '<';
  const after = `(at, agent_id, seq) ${sign} (?::timestamptz, ?::uuid, ?::bigint)`;
  return [
    { sql: 'org_id = ?', values: [org] },
    ...conditions,
    ...(cursor === null ? [] : [{ sql: after, values: cursor }]),
  ];
}

/** The cursor of a row. */
export function recordCursor(row: RecordRow): readonly unknown[] {
  return [row.at_text, row.agent_id, row.seq];
}

/** What every view of a record begins with. */
export function showRecord(row: RecordRow) {
  return {
    agent: row.agent_id,
    seq: Number(row.seq),
    at: row.at_text,
    receivedAt: row.received_at_text,
    kind: row.kind,
    database: row.database_id,
    user: row.user_id,
    session: row.session_id,
    hash: row.hash,
    event: row.event,
  };
}

/** A count or a time of an event, whatever an agent wrote there. */
export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

/** A whole number of an event. */
export function countOf(value: unknown): number | null {
  const number = numberOf(value);
  return number !== null && Number.isSafeInteger(number) ? number : null;
}

/** A text of an event. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
