import type { AuditRecord } from '@daam/shared/audit/chain';
import { type AuditEventKind, auditClassOf } from '@daam/shared/audit/events';
import { statementFingerprint } from '@daam/shared/audit/fingerprint';
import { termsOf } from '@daam/shared/audit/search-terms';
import { statementClassOf } from '@daam/shared/audit/statement-class';
import { isUuid } from '@daam/shared/domain/ids';

/**
 * Which table a record goes to, and the columns that it is found by. They are derived: what counts is the
 * event itself, which is stored as it was hashed. One array for each column, so that a statement has few
 * parameters, however many records it inserts.
 */
export type RecordTable = 'audit_connections' | 'audit_statements' | 'audit_completions';

export const recordTables: readonly RecordTable[] = [
  'audit_connections',
  'audit_statements',
  'audit_completions',
];

/** The tables of a class of retention and listing. */
export const tablesOfClass = {
  connections: ['audit_connections'],
  statements: ['audit_statements', 'audit_completions'],
} as const satisfies Record<string, readonly RecordTable[]>;

/** Kinds of a newer agent are kept with the statements: nothing is dropped. */
export function tableOf(kind: string): RecordTable {
  if (kind === 'statement.completed') return 'audit_completions';
  return auditClassOf(kind as AuditEventKind) === 'connections' ? 'audit_connections' : 'audit_statements';
}

/** The INSERT for one table; its parameters are agent, organization, database and `columnsFor`. */
export function insertSql(table: RecordTable): string {
  const { names, casts, values } = derived[table];
  return `insert into ${table}
     (agent_id, org_id, database_id, received_at, seq, at, kind, user_id, session_id, prev_hash, hash, event${names})
   select ?::uuid, ?::uuid, ?::uuid, statement_timestamp(),
          r.seq, r.at, r.kind, r.user_id, r.session_id, r.prev_hash, r.hash, r.event${values}
     from unnest(?::bigint[], ?::timestamptz[], ?::text[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::json[]${casts})
          r(seq, at, kind, user_id, session_id, prev_hash, hash, event${names})`;
}

/** The arrays of \`insertSql\`. */
export function columnsFor(table: RecordTable, records: readonly AuditRecord[]): unknown[][] {
  return [
    records.map(({ seq }) => seq),
    records.map(({ at }) => new Date(at).toISOString()),
    records.map(({ event }) => storable(event.kind)),
    records.map(({ event: { user } }) => (typeof user === 'string' && isUuid(user) ? user : null)),
    records.map(({ event: { session } }) => short(session, 100)),
    records.map(({ prev }) => prev),
    records.map(({ hash }) => hash),
    records.map(({ event }) => JSON.stringify(event)),
    ...derived[table].columns.map((column) => records.map(({ event }) => column(event))),
  ];
}

type Event = AuditRecord['event'];

interface Derived {
  readonly names: string;
  readonly casts: string;
  readonly values: string;
  readonly columns: readonly ((event: Event) => string | number | null)[];
}

/** Between the elements of a list that travels as one text: arrays of arrays cannot be ragged. */
const separator = '\u001f';

const derived: Readonly<Record<RecordTable, Derived>> = {
  audit_connections: {
    names: ', device_id, path',
    casts: ', ?::text[], ?::text[]',
    values: ', r.device_id, r.path',
    columns: [({ device }) => short(device, 100), ({ path }) => short(path, 20)],
  },
  audit_statements: {
    names: ', class, decision, rule, fingerprint, touches, terms',
    casts: ', ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[]',
    values: `, r.class, r.decision, r.rule, r.fingerprint, string_to_array(r.touches, E'\\x1f'),
             array_to_tsvector(string_to_array(r.terms, ' '))`,
    columns: [
      classOf,
      ({ decision }) => short(decision, 20),
      ({ rule }) => short(rule, 200),
      ({ kind, text }) =>
        kind === 'statement' && typeof text === 'string' ? statementFingerprint(text) : null,
      ({ tables }) => touchesOf(tables).join(separator),
      ({ text, detail }) => searched(text ?? detail),
    ],
  },
  audit_completions: {
    names: ', statement_seq',
    casts: ', ?::bigint[]',
    values: ', r.statement_seq',
    columns: [({ statement }) => (Number.isSafeInteger(statement) ? (statement as number) : null)],
  },
};

function classOf({ kind, command }: Event): string {
  if (kind === 'alarm') return 'alarm';
  return kind === 'statement' && typeof command === 'string' ? statementClassOf(command) : 'other';
}

/** `operation schema.table`, each once, of at most this many tables. */
const maxTouches = 1_000;

function touchesOf(tables: unknown): string[] {
  if (!Array.isArray(tables)) return [];
  const texts = tables.slice(0, maxTouches).map((table: unknown) => {
    const { operation, schema, name } = Object(table) as Record<string, unknown>;
    const text = [operation, schema, name].map((part) => (typeof part === 'string' ? part : ''));
    return touch(text[0] ?? '', `${text[1] ?? ''}.${text[2] ?? ''}`);
  });
  return [...new Set(texts)];
}

/** How an operation on a table is written in the column `touches`. */
export function touch(operation: string, table: string): string {
  return storable(`${operation} ${table}`.replaceAll(separator, ' ')).slice(0, 300);
}

function searched(text: unknown): string {
  return typeof text === 'string' ? storable(termsOf(text).join(' ')) : '';
}

function short(value: unknown, length: number): string | null {
  return typeof value === 'string' ? storable(value.slice(0, length)) : null;
}

/** What is listed by; the event itself stays as it came. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '\ufffd').toWellFormed();
}
