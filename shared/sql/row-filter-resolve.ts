import { canonicalJson } from '../base/canonical-json.ts';
import type {
  EffectivePolicy,
  EffectiveRowFilter,
  FilterScalar,
  RuleOrigin,
} from '../policy/effective-policy.ts';
import { matchesTable } from '../policy/pattern.ts';
import { compareOrigins } from '../policy/restrictiveness.ts';
import type { RelationAccess, ResolvedRowCondition, ResolvedRowFilter } from './access.ts';
import type { Catalog, CatalogRelation } from './catalog.ts';
import { filterLiteral, isFilterable } from './row-filter-literal.ts';

/** What the row filters of a policy mean for one relation: rows to show, or why it is refused. */
export interface RowFilterOutcome {
  readonly filter: ResolvedRowFilter | null;
  readonly refusal: RelationAccess['refusal'];
}

export type RowFilterResolver = (relation: CatalogRelation) => RowFilterOutcome;

/**
 * Resolves the row filters of a policy against a catalogue.
 *
 * A filter holds on the relations that its pattern names and on everything that inherits from them, because a
 * child's rows are its parent's. The other way round a parent shows its children's rows: where one of them has
 * a filter that the parent has not, the parent is refused. A view runs with its owner's rights, so one that
 * reads a filtered relation is refused unless a filter names the view itself.
 */
export function rowFilterResolver(policy: EffectivePolicy, catalog: Catalog): RowFilterResolver {
  if (policy.rowFilters.length === 0) return () => ({ filter: null, refusal: null });
  const world: World = { policy, catalog, children: childrenOf(catalog), effective: new Map() };
  return (relation) => {
    const filters = effectiveFilters(world, relation);
    const refusal = unfilteredChild(world, relation) ?? unfilteredView(world, relation);
    if (refusal !== null) return { filter: null, refusal };
    return filters.length === 0 ? { filter: null, refusal: null } : combine(relation, filters);
  };
}

interface World {
  readonly policy: EffectivePolicy;
  readonly catalog: Catalog;
  readonly children: ReadonlyMap<number, readonly CatalogRelation[]>;
  /** Memory of `effectiveFilters`. */
  readonly effective: Map<number, readonly EffectiveRowFilter[]>;
}

function childrenOf(catalog: Catalog): ReadonlyMap<number, readonly CatalogRelation[]> {
  const children = new Map<number, CatalogRelation[]>();
  for (const relation of catalog.relations.values()) {
    for (const parent of relation.parents) {
      children.set(parent, [...(children.get(parent) ?? []), relation]);
    }
  }
  return children;
}

/** Filters that name the relation or something that it inherits from. */
function effectiveFilters(world: World, relation: CatalogRelation): readonly EffectiveRowFilter[] {
  const known = world.effective.get(relation.oid);
  if (known !== undefined) return known;
  world.effective.set(relation.oid, []);
  const inherited = relation.parents.flatMap((oid) => {
    const parent = world.catalog.relations.get(oid);
    return parent === undefined ? [] : effectiveFilters(world, parent);
  });
  const filters = [...new Set([...ownFilters(world, relation), ...inherited])];
  world.effective.set(relation.oid, filters);
  return filters;
}

function ownFilters({ policy }: World, { schema, name }: CatalogRelation): readonly EffectiveRowFilter[] {
  return policy.rowFilters.filter((filter) => matchesTable(filter, { schema, table: name }));
}

function unfilteredChild(world: World, relation: CatalogRelation): RelationAccess['refusal'] {
  const own = new Set(effectiveFilters(world, relation));
  for (const child of descendants(world, relation)) {
    const filter = effectiveFilters(world, child).find((candidate) => !own.has(candidate));
    if (filter === undefined) continue;
    return refusal(
      `${titleOf(relation)} shows the rows of ${titleOf(child)}, which policy ${filter.origin.policy} filters; ` +
        `the filter must name ${titleOf(relation)} too.`,
    );
  }
  return null;
}

function descendants(world: World, relation: CatalogRelation): readonly CatalogRelation[] {
  const found = [relation];
  const seen = new Set([relation.oid]);
  for (const at of found) {
    for (const child of world.children.get(at.oid) ?? []) {
      if (seen.has(child.oid)) continue;
      seen.add(child.oid);
      found.push(child);
    }
  }
  return found.slice(1);
}

function unfilteredView(world: World, relation: CatalogRelation): RelationAccess['refusal'] {
  if (relation.kind !== 'v' && relation.kind !== 'm') return null;
  if (ownFilters(world, relation).length > 0) return null;
  if (relation.reads === null) {
    return refusal(
      `What the view ${titleOf(relation)} reads cannot be traced, and the policy filters rows; the view needs a row filter of its own.`,
    );
  }
  for (const { oid } of relation.reads) {
    const source = world.catalog.relations.get(oid);
    if (source === undefined) continue;
    const filtered = [source, ...descendants(world, source)].find(
      (at) => effectiveFilters(world, at).length > 0,
    );
    if (filtered === undefined) continue;
    return refusal(
      `The view ${titleOf(relation)} reads ${titleOf(filtered)}, whose rows are filtered; the view needs a row filter of its own.`,
    );
  }
  return null;
}

function combine(relation: CatalogRelation, filters: readonly EffectiveRowFilter[]): RowFilterOutcome {
  const conditions = new Map<string, ResolvedRowCondition>();
  const origins = new Map<string, RuleOrigin>();
  for (const filter of filters) {
    origins.set(canonicalJson(filter.origin), filter.origin);
    for (const condition of filter.where) {
      const resolved = resolveCondition(relation, condition);
      if (typeof resolved === 'string') {
        return {
          filter: null,
          refusal: refusal(
            `The row filter of policy ${filter.origin.policy} on ${titleOf(relation)}: ${resolved}.`,
          ),
        };
      }
      conditions.set(canonicalJson(resolved), resolved);
    }
  }
  if (conditions.size === 0) {
    return { filter: null, refusal: refusal(`The row filter on ${titleOf(relation)} has no condition.`) };
  }
  const sorted = [...conditions.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  return {
    filter: { conditions: sorted, origins: [...origins.values()].sort(compareOrigins) },
    refusal: null,
  };
}

/** The condition, or in words why there is none. */
function resolveCondition(
  relation: CatalogRelation,
  condition: EffectiveRowFilter['where'][number],
): ResolvedRowCondition | string {
  const { operator, value, problem } = condition;
  const column = relation.columns.find(({ name }) => name === condition.column);
  if (column === undefined) return `there is no column ${condition.column}`;
  if (problem !== undefined) return problem;
  const resolved = { attnum: column.attnum, column: column.name, operator };
  if (operator === 'is_null' || operator === 'is_not_null') return { ...resolved, literals: [] };
  if (!isFilterable(column)) return `columns of type ${column.typeName} cannot be filtered`;
  if (value === undefined) return `${condition.column} ${operator} needs a value`;
  const values: readonly FilterScalar[] = Array.isArray(value) ? value : [value];
  const literals: string[] = [];
  for (const each of values) {
    const literal = filterLiteral(column, each);
    if (literal.kind === 'misfit') return `${condition.column} ${operator}: ${literal.reason}`;
    literals.push(literal.sql);
  }
  if (operator !== 'in' && literals.length !== 1) return `${condition.column} ${operator} takes one value`;
  return { ...resolved, literals: operator === 'in' ? [...new Set(literals)].sort() : literals };
}

function refusal(message: string): NonNullable<RelationAccess['refusal']> {
  return { rule: 'row-filter', message };
}

function titleOf({ schema, name }: CatalogRelation): string {
  return `${schema}.${name}`;
}
