import {
  type EffectivePolicy,
  type MaskPreset,
  type RuleOrigin,
  type TableOperation,
  tableOperations,
} from '../policy/effective-policy.ts';
import { describeCondition } from '../policy/explain.ts';
import { formatPattern, matchesSegment, matchesTable } from '../policy/pattern.ts';
import type { ColumnMask, RelationAccess, ResolvedAccess } from './access.ts';
import type { Catalog, CatalogColumn, CatalogRelation } from './catalog.ts';

/**
 * What a person may do, table by table and column by column, with the rules that make it so: a resolved access told for
 * people. The access is the agent's own resolution, so that both cannot disagree; the rules are looked up beside it.
 */
export interface PersonTable {
  readonly schema: string;
  readonly table: string;
  /** Granted, and refused all the same. */
  readonly refusal: string | null;
  readonly operations: readonly { readonly operation: TableOperation; readonly rules: readonly RuleRef[] }[];
  readonly rowFilters: readonly { readonly text: string; readonly rule: RuleRef }[];
  readonly columns: readonly PersonColumn[];
}

/** A rule of a policy: its pattern as documents write it. */
export interface RuleRef {
  readonly kind: 'grant' | 'mask' | 'unmask' | 'row-filter';
  readonly origin: RuleOrigin;
  readonly pattern: string;
}

/** How a column reads: as it is, as a mask, as NULL, or not at all. */
export type ColumnState = 'clear' | 'masked' | 'hidden' | 'none';

/** The mask that holds on a column. */
export interface HeldMask {
  readonly preset: MaskPreset;
  readonly prefix: number;
  readonly suffix: number;
  readonly as: 'text' | null;
  readonly match: 'none' | 'equality';
}

export interface PersonColumn {
  readonly column: string;
  /** As PostgreSQL writes it. */
  readonly type: string;
  readonly state: ColumnState;
  readonly mask: HeldMask | null;
  /** The mask came with the value from another table. */
  readonly isInherited: boolean;
  readonly rules: readonly RuleRef[];
}

/** The granted tables in order of schema and name. `access` is `policy` resolved against `catalog`. */
export function grantedTables(access: ResolvedAccess): readonly RelationAccess[] {
  return [...access.relations.values()].toSorted(
    (a, b) => compareTexts(a.schema, b.schema) || compareTexts(a.name, b.name),
  );
}

/** One granted table told for people. */
export function describeTable(
  policy: EffectivePolicy,
  relation: RelationAccess,
  catalog: Catalog,
): PersonTable {
  const name = { schema: relation.schema, table: relation.name };
  const grants = policy.grants.filter((grant) => matchesTable(grant, name));
  const columns = catalog.relations.get(relation.oid)?.columns ?? [];
  return {
    ...name,
    refusal: relation.refusal?.message ?? null,
    operations: tableOperations
      .filter((operation) => relation.operations.has(operation))
      .map((operation) => ({
        operation,
        rules: grants.filter(({ operations }) => operations.includes(operation)).map(grantRef),
      })),
    rowFilters: policy.rowFilters
      .filter((filter) => matchesTable(filter, name))
      .map((filter) => ({
        text: filter.where.map(describeCondition).join(' and '),
        rule: {
          kind: 'row-filter',
          origin: filter.origin,
          pattern: formatPattern([filter.schema, filter.table]),
        },
      })),
    columns: columns.map((column) => describeColumn(policy, relation, column)),
  };
}

/** One column of a granted table. */
export function describeColumn(
  policy: EffectivePolicy,
  relation: RelationAccess,
  column: CatalogColumn,
): PersonColumn {
  const { state, mask } = readingOf(relation, column.attnum);
  const found = state === 'none' ? [] : rulesOf(policy, relation, column.name, mask);
  return {
    column: column.name,
    type: shortType(column.typeName),
    state,
    mask: mask === null ? null : heldMask(mask),
    isInherited: mask !== null && found.length === 0,
    rules: mask !== null && found.length === 0 ? [{ kind: 'mask', origin: mask.origin, pattern: '' }] : found,
  };
}

/** How a column of a relation reads. A relation that is refused, or that may only be written, shows nothing. */
export function readingOf(
  relation: RelationAccess | undefined,
  attnum: number,
): { readonly state: ColumnState; readonly mask: ColumnMask | null } {
  if (relation === undefined || relation.refusal !== null || !relation.operations.has('select')) {
    return { state: 'none', mask: null };
  }
  const mask = relation.masks.get(attnum) ?? null;
  if (mask === null) return { state: 'clear', mask };
  return { state: mask.preset === 'null' ? 'hidden' : 'masked', mask };
}

/** A mask without where it stands. */
export function heldMask({ preset, prefix, suffix, as, matchEquality }: ColumnMask): HeldMask {
  return { preset, prefix, suffix, as, match: matchEquality ? 'equality' : 'none' };
}

/** A relation by its name; `undefined` when the catalogue has none. */
export function findRelation(
  catalog: Catalog,
  { schema, table }: { readonly schema: string; readonly table: string },
): CatalogRelation | undefined {
  return [...catalog.relations.values()].find(
    (relation) => !relation.system && relation.schema === schema && relation.name === table,
  );
}

/** `pg_catalog.` says nothing to people. */
export function shortType(type: string): string {
  return type.replace(/^pg_catalog\./, '');
}

/** The rules that a person would have to change: the mask's own, or the grants that show the column. */
function rulesOf(
  policy: EffectivePolicy,
  relation: RelationAccess,
  column: string,
  mask: ColumnMask | null,
): readonly RuleRef[] {
  const name = { schema: relation.schema, table: relation.name };
  const levels = (policy.unmasks ?? [])
    .filter((level) => level.schema === name.schema && level.table === name.table && level.column === column)
    .map(({ schema, table, origin }) => ({
      kind: 'unmask' as const,
      origin,
      pattern: formatPattern([schema, table, column]),
    }));
  const reading = policy.grants.filter(
    (grant) => matchesTable(grant, name) && grant.operations.includes('select'),
  );
  if (mask === null) {
    const showing = reading.filter(({ columns }) => columns === undefined || columns.includes(column));
    return [...showing.map(grantRef), ...levels];
  }
  const masks = policy.masks
    .filter(
      (rule) =>
        rule.preset === mask.preset && matchesTable(rule, name) && matchesSegment(rule.column, column),
    )
    .map(({ schema, table, column: pattern, origin }) => ({
      kind: 'mask' as const,
      origin,
      pattern: formatPattern([schema, table, pattern]),
    }));
  if (masks.length > 0 || levels.length > 0) return [...masks, ...levels];
  // Only some columns were granted, and this is none of them.
  return reading.some(({ columns }) => columns !== undefined && !columns.includes(column))
    ? reading.map(grantRef)
    : [];
}

function grantRef({ schema, table, origin }: EffectivePolicy['grants'][number]): RuleRef {
  return { kind: 'grant', origin, pattern: formatPattern([schema, table]) };
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
