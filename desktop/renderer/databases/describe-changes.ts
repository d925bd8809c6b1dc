import type { Database } from '../../ipc/schema.ts';
import { accessWords } from './access-words.ts';

/** What to say about a new list, in one message; null when nothing changed that a person would care about. */
export function describeChanges(before: readonly Database[], after: readonly Database[]): string | null {
  const previous = new Map(before.map((database) => [database.id, database]));
  const current = new Set(after.map((database) => database.id));
  const removed = before
    .filter((database) => !current.has(database.id))
    .map((database) => `${database.name} was removed. Its local port is closed.`);
  const changed = after.flatMap((database) => describeChange(previous.get(database.id), database));
  const messages = [...removed, ...changed];
  if (messages.length === 0) return null;
  return messages.length > 3 ? `${messages.length} databases changed.` : messages.join(' ');
}

function describeChange(before: Database | undefined, after: Database): string[] {
  if (before === undefined) return [`${after.name} was added.`];
  if (before.connection.kind !== after.connection.kind) return describeConnection(before, after);
  if (isOtherAccess(before.access, after.access)) {
    return [`Your access to ${after.name} changed: ${accessWords(after.access)}.`];
  }
  return [];
}

/** What was not known before has not changed by being known. */
function isOtherAccess(before: Database['access'], after: Database['access']): boolean {
  const isKnown = before.operations !== null && after.operations !== null;
  const told = (access: Database['access']): string =>
    accessWords(isKnown ? access : { ...access, operations: null, maskedColumns: null });
  return told(before) !== told(after);
}

/** A failure is an alert in its row, and an attempt shows on its button: neither is said twice. */
function describeConnection(before: Database, { name, connection }: Database): string[] {
  if (connection.kind === 'connected')
    return [`${name} connected at ${connection.local.host}:${connection.local.port}.`];
  return connection.kind === 'disconnected' && before.connection.kind === 'connected'
    ? [`${name} disconnected.`]
    : [];
}
