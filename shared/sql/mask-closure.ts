import type { EffectiveMask, EffectivePolicy, EffectiveUnmask } from '../policy/effective-policy.ts';
import { matchesSegment, matchesTable } from '../policy/pattern.ts';
import { combineMasks, compareMasks } from '../policy/restrictiveness.ts';
import type { ColumnMask } from './access.ts';
import { type Catalog, type CatalogColumn, type CatalogRelation, relationKey } from './catalog.ts';
import { isConstantMask, isTextColumn } from './presets.ts';
import { type PathIndex, valuePaths } from './value-paths.ts';

/**
 * Which masks hold on which column of every relation of a catalogue, granted or not.
 *
 * A mask goes wherever the value goes unchanged: along inheritance and partitioning by column name, downwards because
 * a child's rows are its parent's, upwards because the parent shows them; from a referenced column to the foreign keys
 * that repeat it; from a column to the view columns that are plain copies of it, at any depth. A generated column that
 * is computed from a masked one and has no mask of its own is redacted. What else a view makes of a masked column,
 * view-refusal.ts judges. A column whose mask an approved access request lifts has the level that was approved and no
 * other mask: what it shows is shown on, through views too.
 */
export type MasksByRelation = ReadonlyMap<number, ReadonlyMap<number, ColumnMask>>;

interface Rules {
  /** Masks that were added to a column and have not gone on from there yet. */
  readonly fresh: Fresh[];
  readonly byRelation: Map<number, Map<string, Set<EffectiveMask>>>;
  /** Columns whose level an approved access request names, by relation: no mask is added to them, and none spreads on. */
  readonly settled: Map<number, Set<string>>;
}

interface Fresh {
  readonly relation: CatalogRelation;
  readonly column: string;
  readonly mask: EffectiveMask;
}

/** Resolves and closes every mask of a policy. Relations without masks are left out. */
export function closeMasks(policy: EffectivePolicy, catalog: Catalog): MasksByRelation {
  const { masks, unmasks = [] } = policy;
  const before = close(masks, [], catalog);
  const lifting = unmasks.filter((unmask) => showsMore(unmask, before, catalog));
  return lifting.length === 0 ? before : close(masks, lifting, catalog);
}

/** Whether a level would lift a mask: one that would add or strengthen one has no effect. */
function showsMore(
  { schema, table, column, mask }: EffectiveUnmask,
  before: MasksByRelation,
  catalog: Catalog,
): boolean {
  const relation = catalog.byName.get(relationKey(schema, table));
  const attnum = relation?.columns.find(({ name }) => name === column)?.attnum;
  const held =
    relation === undefined || attnum === undefined ? undefined : before.get(relation.oid)?.get(attnum);
  if (held === undefined) return false;
  const { preset, prefix, suffix, as, matchEquality } = held;
  const rule = { preset, prefix, suffix, match: matchEquality ? 'equality' : 'none' } as const;
  return mask === null || compareMasks(as === null ? rule : { ...rule, as }, mask) < 0;
}

function close(
  masks: readonly EffectiveMask[],
  unmasks: readonly EffectiveUnmask[],
  catalog: Catalog,
): MasksByRelation {
  const rules = noRules();
  for (const unmask of unmasks) applyUnmask(unmask, catalog, rules);
  for (const mask of masks) applyMask(mask, catalog, rules);
  if (rules.byRelation.size === 0) return new Map();
  spread(valuePaths(catalog), rules);
  return combineAll(catalog, rules);
}

/** The masks of a policy that name no column of the catalogue: a misspelling, most likely. */
export function unmatchedMasks(policy: EffectivePolicy, catalog: Catalog): readonly EffectiveMask[] {
  return policy.masks.filter((mask) => !applyMask(mask, catalog, noRules()));
}

function noRules(): Rules {
  return { fresh: [], byRelation: new Map(), settled: new Map() };
}

/** Settles a column. Its own mask, if it has one, goes on from there like any other. */
function applyUnmask(unmask: EffectiveUnmask, catalog: Catalog, rules: Rules): void {
  const { schema, table, column, mask, origin } = unmask;
  for (const relation of catalog.relations.values()) {
    if (relation.system || relation.schema !== schema || relation.name !== table) continue;
    if (mask !== null) addRule({ rules, relation, column, mask: { schema, table, column, ...mask, origin } });
    const settled = rules.settled.get(relation.oid) ?? new Set<string>();
    rules.settled.set(relation.oid, settled.add(column));
  }
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

/**
 * Every mask goes on from every column once, so that the time is that of the paths, whatever their order. Generated
 * columns come after the others, since one that got a mask in another way keeps it.
 */
function spread(paths: PathIndex, rules: Rules): void {
  const { fresh } = rules;
  while (fresh.length > 0) {
    const generated: { relation: CatalogRelation; column: CatalogColumn }[] = [];
    for (let next = fresh.pop(); next !== undefined; next = fresh.pop()) {
      const { relation, column, mask } = next;
      const to = paths.from(relation.oid, column);
      for (const target of to.copies) addRule({ rules, mask, ...target });
      for (const each of to.generated) generated.push({ relation, column: each });
    }
    for (const { relation, column } of generated) redactGenerated(relation, column, rules);
  }
}

function redactGenerated(relation: CatalogRelation, column: CatalogColumn, rules: Rules): void {
  if (rulesOf(rules, relation, column.name).size > 0) return;
  const sources = new Set(column.generatedFrom ?? []);
  const source = relation.columns
    .filter(({ attnum }) => sources.has(attnum))
    .flatMap(({ name }) => [...rulesOf(rules, relation, name)])[0];
  if (source !== undefined) addRule({ rules, relation, column: column.name, mask: redactFor(source) });
}

function redactFor(source: EffectiveMask): EffectiveMask {
  const { schema, table, column, origin } = source;
  return { schema, table, column, preset: 'redact', match: 'none', origin };
}

function combineAll(catalog: Catalog, rules: Rules): MasksByRelation {
  const result = new Map<number, ReadonlyMap<number, ColumnMask>>();
  for (const oid of rules.byRelation.keys()) {
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
  return rules.byRelation.get(relation.oid)?.get(column) ?? none;
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
}): void {
  if (rules.settled.get(relation.oid)?.has(column) === true) return;
  const ofRelation = rules.byRelation.get(relation.oid) ?? new Map<string, Set<EffectiveMask>>();
  rules.byRelation.set(relation.oid, ofRelation);
  const ofColumn = ofRelation.get(column) ?? new Set<EffectiveMask>();
  ofRelation.set(column, ofColumn);
  if (ofColumn.has(mask)) return;
  ofColumn.add(mask);
  rules.fresh.push({ relation, column, mask });
}
