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
  const world = worldOf(policy, catalog);
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
  /** Filters that name a relation or something that it inherits from, with the relation. */
  readonly effective: FiltersByRelation;
  /** Filters that hold on a relation or on something that inherits from it, with the nearest such relation. */
  readonly below: FiltersByRelation;
}

type FiltersByRelation = ReadonlyMap<number, ReadonlyMap<EffectiveRowFilter, CatalogRelation>>;

/** Every filter goes along every line of inheritance once, without recursion, however deep and wide that is. */
function worldOf(policy: EffectivePolicy, catalog: Catalog): World {
  const children = childrenOf(catalog);
  const relations = [...catalog.relations.values()];
  const effective = follow(
    relations.flatMap((at) => ownFilters({ policy }, at).map((filter) => ({ at, filter, of: at }))),
    ({ oid }) => children.get(oid) ?? [],
  );
  const below = follow(
    relations.flatMap((at) =>
      [...(effective.get(at.oid)?.keys() ?? [])].map((filter) => ({ at, filter, of: at })),
    ),
    ({ parents }) => parents.flatMap((oid) => catalog.relations.get(oid) ?? []),
  );
  return { policy, catalog, effective, below };
}

function follow(
  steps: {
    readonly at: CatalogRelation;
    readonly filter: EffectiveRowFilter;
    readonly of: CatalogRelation;
  }[],
  next: (relation: CatalogRelation) => readonly CatalogRelation[],
): FiltersByRelation {
  const found = new Map<number, Map<EffectiveRowFilter, CatalogRelation>>();
  for (const { at, filter, of } of steps) {
    const known = found.get(at.oid) ?? new Map<EffectiveRowFilter, CatalogRelation>();
    found.set(at.oid, known);
    if (known.has(filter)) continue;
    known.set(filter, of);
    for (const further of next(at)) steps.push({ at: further, filter, of });
  }
  return found;
}

function childrenOf(catalog: Catalog): ReadonlyMap<number, readonly CatalogRelation[]> {
  const children = new Map<number, CatalogRelation[]>();
  for (const relation of catalog.relations.values()) {
    for (const parent of relation.parents) {
      const known = children.get(parent);
      if (known === undefined) children.set(parent, [relation]);
      else known.push(relation);
    }
  }
  return children;
}

function effectiveFilters({ effective }: World, { oid }: CatalogRelation): readonly EffectiveRowFilter[] {
  return [...(effective.get(oid)?.keys() ?? [])];
}

function ownFilters(
  { policy }: Pick<World, 'policy'>,
  { schema, name }: CatalogRelation,
): readonly EffectiveRowFilter[] {
  return policy.rowFilters.filter((filter) => matchesTable(filter, { schema, table: name }));
}

function unfilteredChild(world: World, relation: CatalogRelation): RelationAccess['refusal'] {
  const own = world.effective.get(relation.oid);
  for (const [filter, child] of world.below.get(relation.oid) ?? []) {
    if (own?.has(filter) === true) continue;
    return refusal(
      `${titleOf(relation)} shows the rows of ${titleOf(child)}, which policy ${filter.origin.policy} filters; ` +
        `the filter must name ${titleOf(relation)} too.`,
    );
  }
  return null;
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
    const [filtered] = world.below.get(oid)?.values() ?? [];
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
