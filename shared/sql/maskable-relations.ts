import type { EffectivePolicy } from '../policy/effective-policy.ts';
import { matchesTable } from '../policy/pattern.ts';
import type { Catalog } from './catalog.ts';

/**
 * The relations that could get a column tomorrow which a mask of this policy covers: those that a mask's table pattern
 * names, their parents and children, and every view. The floor grants them column by column, so that a new column is
 * unreadable until the catalogue was read again and the mask is known to hold on it.
 */
export function maskableRelations(policy: EffectivePolicy, catalog: Catalog): ReadonlySet<number> {
  const found = new Set<number>();
  if (policy.masks.length === 0) return found;
  for (const { oid, schema, name, kind, system } of catalog.relations.values()) {
    if (system) continue;
    const isView = kind === 'v' || kind === 'm';
    if (isView || policy.masks.some((mask) => matchesTable(mask, { schema, table: name }))) found.add(oid);
  }
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const { oid, parents } of catalog.relations.values()) {
      if (found.has(oid)) for (const parent of parents) found.add(parent);
      else if (parents.some((parent) => found.has(parent))) found.add(oid);
    }
  }
  return found;
}
