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
  const kin = kinOf(catalog);
  for (const oid of found) for (const each of kin.get(oid) ?? []) found.add(each);
  return found;
}

/** Parents and children of every relation. */
function kinOf(catalog: Catalog): ReadonlyMap<number, ReadonlySet<number>> {
  const kin = new Map<number, Set<number>>();
  const add = (from: number, to: number): void => {
    const known = kin.get(from);
    if (known === undefined) kin.set(from, new Set([to]));
    else known.add(to);
  };
  for (const { oid, parents } of catalog.relations.values()) {
    for (const parent of parents) {
      add(oid, parent);
      add(parent, oid);
    }
  }
  return kin;
}
