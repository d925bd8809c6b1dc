import { canonicalJson } from '../base/canonical-json.ts';

/**
 * Canonical text of an event (RFC 8785), quickly. When the members of every object are in order, the
 * engine's own JSON.stringify writes exactly the canonical text; so the event's members are put in the order
 * that is remembered for its kind, the objects inside are looked at, and what does not fit takes the slow
 * way, which also refuses what JSON cannot hold with a TypeError.
 */
export function canonicalEvent(event: Members): string {
  const ordered = inOrder(event);
  return membersInOrder(ordered) ? JSON.stringify(ordered) : canonicalJson(event);
}

/** An object, member by member. */
export type Members = Readonly<Record<string, unknown>>;

/** Kinds are few; a bound all the same. */
const maxKinds = 64;
const keysByKind = new Map<string, readonly string[]>();

/** A copy with its members in order; the event itself when that order is not known to be its own. */
function inOrder(event: Members): Members {
  const kind = String(event['kind']);
  const known = keysByKind.get(kind);
  const keys = known !== undefined && hasExactly(event, known) ? known : Object.keys(event).sort();
  if (keys !== known && keysByKind.size < maxKinds) keysByKind.set(kind, keys);
  const ordered: Record<string, unknown> = {};
  for (const key of keys) ordered[key] = event[key];
  return ordered;
}

function hasExactly(event: Members, keys: readonly string[]): boolean {
  let count = 0;
  for (const _ in event) count += 1;
  if (count !== keys.length) return false;
  for (const key of keys) if (!(key in event)) return false;
  return true;
}

/** Whether JSON.stringify of this value is canonical. False is always safe to answer. */
function isInOrder(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'boolean' || value === null) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (!isInOrder(item)) return false;
    return true;
  }
  return typeof value === 'object' && membersInOrder(value as Members);
}

function membersInOrder(members: Members): boolean {
  if ('toJSON' in members) return false;
  let before = '';
  for (const key in members) {
    if (key < before || !isInOrder(members[key])) return false;
    before = key;
  }
  return true;
}
