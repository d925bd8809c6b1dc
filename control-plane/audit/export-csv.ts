import type { AuditRecord } from '@daam/shared/audit/chain';
import { isSpreadsheetFormula } from '@daam/shared/base/spreadsheet-formula';
import { stringify } from 'csv-stringify/sync';
import { batchSize, nextRecords } from './chain-reader.ts';
import type { ExportSource } from './export-jsonl.ts';
import { tableOf } from './record-columns.ts';

/**
 * An export for people and spreadsheets (RFC 4180). Text that a spreadsheet would take for a formula gets an
 * apostrophe before it. It proves nothing: `record` has the hash, the proof is the JSONL.
 */
export async function* exportCsv(source: ExportSource): AsyncGenerator<string> {
  yield stringify([csvColumns], { record_delimiter: '\r\n' });
  for (const { chain, part } of source.chains) {
    for (let after = 0; ; ) {
      const records = await nextRecords(source.scope, chain, after, part);
      yield csvText(records.map((record) => rowOf(record, chain.label)));
      after = records.at(-1)?.seq ?? after;
      if (records.length < batchSize) break;
    }
  }
}

/** The columns, in order. */
export const csvColumns = [
  'at',
  'class',
  'kind',
  'database',
  'user',
  'email',
  'session',
  'device',
  'path',
  'application',
  'decision',
  'rule',
  'command',
  'tables',
  'rows',
  'duration_ms',
  'sqlstate',
  'reason',
  'text',
  'actor',
  'target',
  'detail',
  'chain',
  'seq',
  'hash',
] as const;

/** Rows as text, formulas made harmless. */
export function csvText(rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const safe = rows.map((row) => row.map(withoutFormula));
  return stringify(safe, { record_delimiter: '\r\n', quoted_match: /[\r\n]/ });
}

/** What is inside quotes may be split at separators by a careless import, so a cell is looked at as a whole. */
function withoutFormula(cell: string): string {
  return isSpreadsheetFormula(cell) ? `'${cell}` : cell;
}

function rowOf(record: AuditRecord, label: string): string[] {
  const { event } = record;
  const isActivity = record.stream.startsWith('activity:');
  const actor = nested(event['actor']);
  const target = nested(event['target']);
  const values: Record<(typeof csvColumns)[number], unknown> = {
    at: new Date(record.at).toISOString(),
    class: isActivity ? 'activity' : tableOf(event.kind).replace('audit_', ''),
    kind: event.kind,
    database: isActivity ? '' : label,
    user: isActivity ? actor['id'] : event['user'],
    email: isActivity ? '' : event['email'],
    session: event['session'],
    device: event['device'],
    path: event['path'],
    application: event['application'],
    decision: event['decision'],
    rule: event['rule'],
    command: event['command'] ?? event['tag'],
    tables: tablesText(event['tables']),
    rows: event['rows'],
    duration_ms: event['durationMs'],
    sqlstate: event['sqlstate'],
    reason: event['reason'] ?? event['code'],
    text: event['text'] ?? (typeof event['detail'] === 'string' ? event['detail'] : ''),
    actor: actor['label'],
    target: target['label'],
    detail: isActivity ? { detail: event['detail'], before: event['before'], after: event['after'] } : '',
    chain: record.stream,
    seq: record.seq,
    hash: record.hash,
  };
  return csvColumns.map((column) => cellOf(values[column]));
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value.replaceAll('\u0000', '\ufffd');
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : JSON.stringify(value);
}

function nested(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function tablesText(tables: unknown): string {
  if (!Array.isArray(tables)) return '';
  const names = tables.map((table: unknown) => {
    const { operation, schema, name } = nested(table);
    return [operation, [schema, name].map(cellOf).join('.')].map(cellOf).join(' ');
  });
  return [...new Set(names)].join('; ');
}
