import { createHash } from 'node:crypto';
import { canonicalJson } from '../base/canonical-json.ts';
import type {
  EffectiveGrant,
  EffectivePolicy,
  RuleOrigin,
  TableOperation,
} from '../policy/effective-policy.ts';
import { matchesTable } from '../policy/pattern.ts';
import { compareOrigins } from '../policy/restrictiveness.ts';
import type { ColumnMask, RelationAccess, ResolveAccess, ResolvedAccess } from './access.ts';
import type { Catalog, CatalogRelation } from './catalog.ts';
import { closeMasks, type MasksByRelation, unmatchedMasks } from './mask-closure.ts';
import { type RowFilterOutcome, type RowFilterResolver, rowFilterResolver } from './row-filter-resolve.ts';
import { maskableRelations } from './maskable-relations.ts';
import { ViewJudge } from './view-refusal.ts';

/** Something in a policy that has no effect on this database. */
export interface AccessWarning {
  readonly rule: 'mask-matches-nothing' | 'grant-matches-nothing';
  readonly message: string;
  readonly origin: RuleOrigin;
}

/**
 * Resolves an effective policy against a catalogue. System relations are never in the result, whatever a
 * pattern says; relations that cannot be served safely are in it with a `refusal`, so that the person is
 * told why. Pure; the same content gives the same fingerprint.
 */
export const resolveAccess: ResolveAccess = (policy, catalog) => {
  const masks = closeMasks(policy, catalog);
  const rowFilterOf = rowFilterResolver(policy, catalog);
  const maskable = maskableRelations(policy, catalog);
  const views = new ViewJudge({
    catalog,
    masks,
    hasMasks: policy.masks.length > 0,
    mayRead: ({ schema, name }) =>
      policy.grants.some(
        (grant) => grant.operations.includes('select') && matchesTable(grant, { schema, table: name }),
      ),
  });
  const relations = new Map<number, RelationAccess>();
  for (const relation of catalog.relations.values()) {
    const access = resolveRelation(policy, { relation, catalog, masks, rowFilterOf, views, maskable });
    if (access !== null) relations.set(relation.oid, access);
  }
  return {
    fingerprint: fingerprint(relations, catalog),
    relations,
    limits: policy.limits,
    policies: policy.policies,
  };
};

/** The same with what has no effect, for the doctor and the console. */
export function resolveAccessWithWarnings(
  policy: EffectivePolicy,
  catalog: Catalog,
): { readonly access: ResolvedAccess; readonly warnings: readonly AccessWarning[] } {
  const masks = unmatchedMasks(policy, catalog).map(({ schema, table, column, origin }) => ({
    rule: 'mask-matches-nothing' as const,
    message: `The mask on ${schema}.${table}.${column} names no column of this database.`,
    origin,
  }));
  const tables = [...catalog.relations.values()].filter(isGrantable);
  const grants = policy.grants
    .filter((grant) => !tables.some(({ schema, name }) => matchesTable(grant, { schema, table: name })))
    .map(({ schema, table, origin }) => ({
      rule: 'grant-matches-nothing' as const,
      message: `The grant on ${schema}.${table} names no table of this database.`,
      origin,
    }));
  return { access: resolveAccess(policy, catalog), warnings: [...masks, ...grants] };
}

interface Subject {
  readonly relation: CatalogRelation;
  readonly catalog: Catalog;
  readonly masks: MasksByRelation;
  readonly rowFilterOf: RowFilterResolver;
  readonly views: ViewJudge;
  /** Relations whose SELECT is granted column by column. */
  readonly maskable: ReadonlySet<number>;
}

/** Sequences follow the table that owns them and are not granted by name. */
function isGrantable(relation: CatalogRelation): boolean {
  return !relation.system && relation.kind !== 'S';
}

function resolveRelation(policy: EffectivePolicy, subject: Subject): RelationAccess | null {
  const { relation, masks } = subject;
  if (!isGrantable(relation)) return null;
  const { oid, schema, name } = relation;
  const rows = subject.rowFilterOf(relation);
  const grants = policy.grants.filter((grant) => matchesTable(grant, { schema, table: name }));
  if (grants.length === 0) return null;
  const shown = shownColumns(grants);
  const wanted = new Set<TableOperation>(grants.flatMap((grant) => grant.operations));
  const withheld = new Set(relation.ungrantable?.filter((operation) => wanted.has(operation)));
  return {
    oid,
    schema,
    name,
    operations: new Set([...wanted].filter((operation) => !withheld.has(operation))),
    ...(withheld.size === 0 ? {} : { withheld }),
    ...(subject.maskable.has(oid) || shown !== null ? { columnwise: true } : {}),
    masks: hideOthers(relation, masks.get(oid) ?? new Map<number, ColumnMask>(), shown),
    rowFilter: rows.filter,
    origins: uniqueOrigins(grants.map((grant) => grant.origin)),
    refusal: findRefusal(policy, subject, rows),
  };
}

interface ShownColumns {
  readonly names: ReadonlySet<string>;
  readonly origin: RuleOrigin;
}

/** The columns that grants show where every grant to read is for some columns only; null: all. */
function shownColumns(grants: readonly EffectiveGrant[]): ShownColumns | null {
  const reading = grants.filter(({ operations }) => operations.includes('select'));
  const [first] = reading;
  if (first === undefined || reading.some(({ columns }) => columns === undefined)) return null;
  return { names: new Set(reading.flatMap(({ columns }) => columns ?? [])), origin: first.origin };
}

/**
 * The masks of a relation of which only some columns are shown: the others read as NULL. Unlike a mask this does not
 * follow the value to views and foreign keys: what other grants show stays as they say.
 */
function hideOthers(
  relation: CatalogRelation,
  masks: ReadonlyMap<number, ColumnMask>,
  shown: ShownColumns | null,
): ReadonlyMap<number, ColumnMask> {
  if (shown === null) return masks;
  const hidden = relation.columns.filter(({ name }) => !shown.names.has(name));
  return new Map([
    ...masks,
    ...hidden.map(({ attnum, name }) => [attnum, hiddenColumn(attnum, name, shown.origin)] as const),
  ]);
}

function hiddenColumn(attnum: number, column: string, origin: RuleOrigin): ColumnMask {
  const constant = { preset: 'null', prefix: 0, suffix: 0, as: null } as const;
  return { attnum, column, ...constant, matchEquality: false, needsValue: false, origin };
}

function findRefusal(
  policy: EffectivePolicy,
  subject: Subject,
  rows: RowFilterOutcome,
): RelationAccess['refusal'] {
  const { relation } = subject;
  const title = `${relation.schema}.${relation.name}`;
  if (relation.kind === 'f') {
    return {
      rule: 'foreign-table',
      message: `${title} is a foreign table: its rows come from a server where no mask holds.`,
    };
  }
  if (rows.refusal !== null) return rows.refusal;
  if (relation.kind === 'v' || relation.kind === 'm') return subject.views.refusal(relation);
  return null;
}

function uniqueOrigins(origins: readonly RuleOrigin[]): readonly RuleOrigin[] {
  const byText = new Map(origins.map((origin) => [canonicalJson(origin), origin]));
  return [...byText.values()].sort(compareOrigins);
}

/** Everything that the floor grants by and the rewriter writes by; not where it came from. */
function fingerprint(relations: ReadonlyMap<number, RelationAccess>, catalog: Catalog): string {
  const content = [...relations.values()]
    .sort((a, b) => a.oid - b.oid)
    .map((access) => {
      const relation = catalog.relations.get(access.oid);
      const masks = [...access.masks.values()]
        .sort((a, b) => a.attnum - b.attnum)
        .map((mask) => ({ ...mask, origin: undefined }));
      return {
        oid: access.oid,
        schema: access.schema,
        name: access.name,
        operations: [...access.operations].sort(),
        refusal: access.refusal?.rule ?? null,
        masks,
        rowFilter: access.rowFilter?.conditions ?? null,
        columnwise: access.columnwise ?? false,
        kind: relation?.kind ?? null,
        columns: relation?.columns ?? null,
        sequences: relation?.ownedSequences ?? null,
      };
    });
  return createHash('sha256')
    .update('daam resolved access v1\n')
    .update(canonicalJson({ database: catalog.database, content }))
    .digest('hex')
    .slice(0, 32);
}
