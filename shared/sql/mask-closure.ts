import type { EffectiveMask, EffectivePolicy, EffectiveUnmask } from '../policy/effective-policy.ts';
import { matchesSegment, matchesTable } from '../policy/pattern.ts';
import { combineMasks, compareMasks } from '../policy/restrictiveness.ts';
import type { ColumnMask } from './access.ts';
import { type Catalog, type CatalogColumn, type CatalogRelation, relationKey } from './catalog.ts';
import { isConstantMask, isTextColumn } from './presets.ts';

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
  readonly byRelation: Map<number, Map<string, Set<EffectiveMask>>>;
  /** Columns whose level an approved access request names, by relation: no mask is added to them, and none spreads on. */
  readonly settled: Map<number, Set<string>>;
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
  const paths = pathsOf(catalog);
  do spread(paths, rules);
  while (addGeneratedColumns(catalog, rules));
  return combineAll(catalog, rules);
}

/** The masks of a policy that name no column of the catalogue: a misspelling, most likely. */
export function unmatchedMasks(policy: EffectivePolicy, catalog: Catalog): readonly EffectiveMask[] {
  return policy.masks.filter((mask) => !applyMask(mask, catalog, noRules()));
}

function noRules(): Rules {
  return { byRelation: new Map(), settled: new Map() };
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

/** Values of `from`'s column are values of `to`'s column. */
interface Path {
  readonly from: CatalogRelation;
  readonly to: CatalogRelation;
  readonly columns: readonly (readonly [from: string, to: string])[];
}

const pathsByCatalog = new WeakMap<Catalog, readonly Path[]>();

/** Every policy asks for the same ones. */
function pathsOf(catalog: Catalog): readonly Path[] {
  const known = pathsByCatalog.get(catalog);
  if (known !== undefined) return known;
  const paths = [...catalog.relations.values()].flatMap((relation) => [
    ...inheritancePaths(catalog, relation),
    ...foreignKeyPaths(catalog, relation),
    ...viewPaths(catalog, relation),
  ]);
  pathsByCatalog.set(catalog, paths);
  return paths;
}

function inheritancePaths(catalog: Catalog, child: CatalogRelation): readonly Path[] {
  const names = new Set(child.columns.map((column) => column.name));
  return child.parents.flatMap((oid) => {
    const parent = catalog.relations.get(oid);
    if (parent === undefined) return [];
    const columns = parent.columns
      .filter(({ name }) => names.has(name))
      .map(({ name }) => [name, name] as const);
    return [
      { from: parent, to: child, columns },
      { from: child, to: parent, columns },
    ];
  });
}

function foreignKeyPaths(catalog: Catalog, to: CatalogRelation): readonly Path[] {
  return to.foreignKeys.flatMap(({ columns, references, referenced }) => {
    const from = catalog.relations.get(references);
    if (from === undefined) return [];
    return [{ from, to, columns: namePairs({ from, to }, referenced, columns) }];
  });
}

function viewPaths(catalog: Catalog, to: CatalogRelation): readonly Path[] {
  return [...(to.lineage?.columns ?? [])].flatMap(([attnum, { copies }]) =>
    copies.flatMap((address) => {
      const from = catalog.relations.get(address.oid);
      return from === undefined
        ? []
        : [{ from, to, columns: namePairs({ from, to }, [address.attnum], [attnum]) }];
    }),
  );
}

function namePairs(
  { from, to }: Pick<Path, 'from' | 'to'>,
  fromColumns: readonly number[],
  toColumns: readonly number[],
): Path['columns'] {
  const nameIn = (relation: CatalogRelation, attnum: number | undefined): string | undefined =>
    relation.columns.find((column) => column.attnum === attnum)?.name;
  return fromColumns.flatMap((attnum, index) => {
    const pair = [nameIn(from, attnum), nameIn(to, toColumns[index])] as const;
    return pair[0] === undefined || pair[1] === undefined ? [] : [[pair[0], pair[1]] as const];
  });
}

function spread(paths: readonly Path[], rules: Rules): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const { from, to, columns } of paths) {
      if (!rules.byRelation.has(from.oid)) continue;
      for (const [source, target] of columns) {
        for (const mask of rulesOf(rules, from, source))
          changed = addRule({ rules, relation: to, column: target, mask }) || changed;
      }
    }
  }
}

/** True if there was one to add: its mask then goes on from there. */
function addGeneratedColumns(catalog: Catalog, rules: Rules): boolean {
  let isAdded = false;
  for (const oid of rules.byRelation.keys()) {
    const relation = catalog.relations.get(oid);
    if (relation === undefined) continue;
    const byNumber = new Map(relation.columns.map((column) => [column.attnum, column]));
    for (const column of relation.columns) {
      if (column.generatedFrom === null || rulesOf(rules, relation, column.name).size > 0) continue;
      const source = column.generatedFrom
        .flatMap((attnum) => byNumber.get(attnum) ?? [])
        .flatMap((from) => [...rulesOf(rules, relation, from.name)])[0];
      if (source === undefined) continue;
      isAdded = addRule({ rules, relation, column: column.name, mask: redactFor(source) }) || isAdded;
    }
  }
  return isAdded;
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
}): boolean {
  if (rules.settled.get(relation.oid)?.has(column) === true) return false;
  const ofRelation = rules.byRelation.get(relation.oid) ?? new Map<string, Set<EffectiveMask>>();
  rules.byRelation.set(relation.oid, ofRelation);
  const ofColumn = ofRelation.get(column) ?? new Set<EffectiveMask>();
  ofRelation.set(column, ofColumn);
  if (ofColumn.has(mask)) return false;
  ofColumn.add(mask);
  return true;
}
