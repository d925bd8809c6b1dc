import type { EffectiveMask, EffectivePolicy } from '../policy/effective-policy.ts';
import { matchesSegment, matchesTable } from '../policy/pattern.ts';
import { combineMasks } from '../policy/restrictiveness.ts';
import type { ColumnMask } from './access.ts';
import type { Catalog, CatalogColumn, CatalogRelation } from './catalog.ts';
import { isConstantMask, isTextColumn } from './presets.ts';

/**
 * Which masks hold on which column of every table of a catalogue, granted or not.
 *
 * A mask is carried by column name along inheritance and partitioning, downwards because a child's rows
 * are its parent's, upwards because the parent shows them; and from a column to the generated columns
 * that are computed from it, unless they have a mask of their own.
 */
export type MasksByRelation = ReadonlyMap<number, ReadonlyMap<number, ColumnMask>>;

type Rules = Map<number, Map<string, Set<EffectiveMask>>>;

/** Resolves and closes every mask of a policy. Relations without masks are left out. */
export function closeMasks(policy: EffectivePolicy, catalog: Catalog): MasksByRelation {
  const rules: Rules = new Map();
  const matched = policy.masks.filter((mask) => applyMask(mask, catalog, rules));
  if (matched.length === 0) return new Map();
  const edges = inheritanceEdges(catalog);
  spreadOverInheritance(edges, rules);
  addGeneratedColumns(catalog, rules);
  spreadOverInheritance(edges, rules);
  return combineAll(catalog, rules);
}

/** The masks of a policy that name no column of the catalogue: a misspelling, most likely. */
export function unmatchedMasks(policy: EffectivePolicy, catalog: Catalog): readonly EffectiveMask[] {
  return policy.masks.filter((mask) => !applyMask(mask, catalog, new Map()));
}

function applyMask(mask: EffectiveMask, catalog: Catalog, rules: Rules): boolean {
  let isMatched = false;
  for (const relation of catalog.relations.values()) {
    if (relation.system || !matchesTable(mask, { schema: relation.schema, table: relation.name })) continue;
    for (const column of relation.columns) {
      if (!matchesSegment(mask.column, column.name)) continue;
      isMatched = true;
      addRule({ rules, relation, column: column.name, mask });
    }
  }
  return isMatched;
}

interface Edge {
  readonly child: CatalogRelation;
  readonly parent: CatalogRelation;
  readonly shared: readonly string[];
}

function inheritanceEdges(catalog: Catalog): readonly Edge[] {
  return [...catalog.relations.values()].flatMap((child) =>
    child.parents.flatMap((oid) => {
      const parent = catalog.relations.get(oid);
      if (parent === undefined) return [];
      const names = new Set(child.columns.map((column) => column.name));
      const shared = parent.columns.map((column) => column.name).filter((name) => names.has(name));
      return [{ child, parent, shared }];
    }),
  );
}

function spreadOverInheritance(edges: readonly Edge[], rules: Rules): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const { child, parent, shared } of edges) {
      for (const column of shared) {
        for (const mask of rulesOf(rules, parent, column)) {
          changed = addRule({ rules, relation: child, column, mask }) || changed;
        }
        for (const mask of rulesOf(rules, child, column)) {
          changed = addRule({ rules, relation: parent, column, mask }) || changed;
        }
      }
    }
  }
}

function addGeneratedColumns(catalog: Catalog, rules: Rules): void {
  for (const oid of rules.keys()) {
    const relation = catalog.relations.get(oid);
    if (relation === undefined) continue;
    const byNumber = new Map(relation.columns.map((column) => [column.attnum, column]));
    for (const column of relation.columns) {
      if (column.generatedFrom === null || rulesOf(rules, relation, column.name).size > 0) continue;
      const source = column.generatedFrom
        .flatMap((attnum) => byNumber.get(attnum) ?? [])
        .flatMap((from) => [...rulesOf(rules, relation, from.name)])[0];
      if (source !== undefined) addRule({ rules, relation, column: column.name, mask: redactFor(source) });
    }
  }
}

function redactFor(source: EffectiveMask): EffectiveMask {
  const { schema, table, column, origin } = source;
  return { schema, table, column, preset: 'redact', match: 'none', origin };
}

function combineAll(catalog: Catalog, rules: Rules): MasksByRelation {
  const result = new Map<number, ReadonlyMap<number, ColumnMask>>();
  for (const oid of rules.keys()) {
    const relation = catalog.relations.get(oid);
    if (relation === undefined) continue;
    const masks = new Map<number, ColumnMask>();
    for (const column of relation.columns) {
      const mask = combineColumn([...rulesOf(rules, relation, column.name)], column);
      if (mask !== null) masks.set(column.attnum, mask);
    }
    result.set(oid, masks);
  }
  return result;
}

function combineColumn(masks: readonly EffectiveMask[], column: CatalogColumn): ColumnMask | null {
  const combined = combineMasks(masks, { isText: isTextColumn(column) });
  if (combined === null) return null;
  return { attnum: column.attnum, column: column.name, ...combined, needsValue: !isConstantMask(combined) };
}

function rulesOf(rules: Rules, relation: CatalogRelation, column: string): ReadonlySet<EffectiveMask> {
  return rules.get(relation.oid)?.get(column) ?? none;
}

const none: ReadonlySet<EffectiveMask> = new Set();

function addRule({
  rules,
  relation,
  column,
  mask,
}: {
  readonly rules: Rules;
  readonly relation: CatalogRelation;
  readonly column: string;
  readonly mask: EffectiveMask;
}): boolean {
  const ofRelation = rules.get(relation.oid) ?? new Map<string, Set<EffectiveMask>>();
  rules.set(relation.oid, ofRelation);
  const ofColumn = ofRelation.get(column) ?? new Set<EffectiveMask>();
  ofRelation.set(column, ofColumn);
  if (ofColumn.has(mask)) return false;
  ofColumn.add(mask);
  return true;
}
