import { canonicalJson } from '../base/canonical-json.ts';

/**
 * Canonical text of an event (RFC 8785), quickly: when every object's members are in order already, the
 * engine's own JSON.stringify writes exactly the canonical text. Everything else takes the slow way, which
 * also refuses what JSON cannot hold with a TypeError.
 */
export function canonicalEvent(event: object): string {
  return isInOrder(event) ? JSON.stringify(event) : canonicalJson(event);
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
  if (typeof value !== 'object') return false;
  return membersInOrder(value as Record<string, unknown>);
}

function membersInOrder(members: Record<string, unknown>): boolean {
  if ('toJSON' in members) return false;
  let before = '';
  for (const key in members) {
    if (key < before || !isInOrder(members[key])) return false;
    before = key;
  }
  return true;
}
