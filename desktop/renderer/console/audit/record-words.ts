/** Records of the audit in words: what was done, how it went, and a sentence of the whole. */
import type { AuditRecord } from './use-audit.ts';

/** Names of ids. */
export interface AuditNames {
  readonly nameOf: (database: string) => string;
  readonly emailOf: (user: string | null) => string;
}

export function keyOf({ of, record }: AuditRecord): string {
  return of === 'activity' ? String(record.seq) : `${record.agent}-${record.seq}`;
}

export function titleOf({ of, record }: AuditRecord): string {
  if (of === 'activity') return record.action;
  if (of === 'connections') return record.kind;
  return textOf(record.event, record.kind === 'alarm' ? 'detail' : 'text') || record.kind;
}

/** The id of who did it; null: nobody known. */
export function actorIdOf(one: AuditRecord): string | null {
  return one.of === 'activity' ? one.record.actor.id : one.record.user;
}

export function actorOf(one: AuditRecord, { emailOf }: AuditNames): string {
  if (one.of === 'activity') return one.record.actor.label;
  return emailOf(one.record.user) || textOf(one.record.event, 'email');
}

/** The record for people. */
export function sentenceOf(one: AuditRecord, names: AuditNames): string {
  const at = new Date(one.record.at).toLocaleString();
  const who = actorOf(one, names) || 'somebody unknown';
  if (one.of === 'activity') {
    const { action, target, detail } = one.record;
    const reason = textOf(detail, 'reason');
    const why = reason === '' ? '' : ` Reason: ${reason}`;
    return `${at}: ${who} did ${action} on ${target.kind} ${target.label}.${why}`;
  }
  const { event, database, kind } = one.record;
  if (one.of === 'connections') return `${at}: ${kind} of ${who} on ${names.nameOf(database)}.`;
  if (kind === 'alarm') return `${at}: alarm ${textOf(event, 'rule')} on ${names.nameOf(database)}.`;
  const decision =
    event['decision'] === 'deny'
      ? `it was refused by ${textOf(event, 'rule') || 'a rule'}`
      : `it was allowed${endWords(one.record.end)}`;
  return `${at}: ${who} sent ${textOf(event, 'command') || 'a statement'} to ${names.nameOf(database)}; ${decision}.`;
}

function endWords(end: Extract<AuditRecord, { of: 'statements' }>['record']['end']): string {
  if (end === null) return '';
  if (end.sqlstate !== null) return ` and failed with ${end.sqlstate}`;
  return ` and gave or changed ${end.rows.toLocaleString()} ${end.rows === 1 ? 'row' : 'rows'}`;
}

export function textOf(event: Readonly<Record<string, unknown>>, key: string): string {
  const value = event[key];
  return typeof value === 'string' ? value : '';
}
