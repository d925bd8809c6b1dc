import { createHash } from 'node:crypto';
import { canonicalJson } from '@daam/shared/base/canonical-json';
import type { RelationAccess, ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog, CatalogRelation } from '@daam/shared/sql/catalog';
import { quoteIdentifier, quoteQualified } from '@daam/shared/sql/quote';
import { readableSystemColumns } from '@daam/shared/sql/system-columns';

/** The GRANT statements of one access: for everyone who has it, and for those who may read raw values now. */
export interface GroupGrants {
  readonly base: readonly string[];
  /** Empty: no mask needs the value and no row is filtered, so nobody is ever elevated. */
  readonly raw: readonly string[];
}

/**
 * The floor (enforcement.md, L1). On a table without masks the operations are granted as they are. On a masked
 * one SELECT is granted on the other columns, ctid and xmin; the masked ones get REFERENCES, which keeps them visible
 * in information_schema and is harmless without CREATE. On a relation with a row filter every privilege is the raw
 * group's: in base, where code of the session may run, its rows are out of reach. One with a refusal gets nothing.
 */
export function groupGrants(
  roles: { readonly base: string; readonly raw: string },
  { access, catalog }: { readonly access: ResolvedAccess; readonly catalog: Catalog },
): GroupGrants {
  const base: string[] = [];
  const raw: string[] = [];
  const schemas = new Set<string>();
  for (const granted of access.relations.values()) {
    const relation = catalog.relations.get(granted.oid);
    if (relation === undefined || relation.system || granted.refusal !== null) continue;
    schemas.add(relation.schema);
    const subject = { granted, relation };
    base.push(
      ...baseGrants(subject, catalog).map((grant) => `GRANT ${grant} TO ${quoteIdentifier(roles.base)}`),
    );
    raw.push(...rawGrants(subject).map((grant) => `GRANT ${grant} TO ${quoteIdentifier(roles.raw)}`));
  }
  const usage = [...schemas].map(quoteIdentifier).join(', ');
  return {
    base: usage === '' ? base : [`GRANT USAGE ON SCHEMA ${usage} TO ${quoteIdentifier(roles.base)}`, ...base],
    raw,
  };
}

interface Subject {
  readonly granted: RelationAccess;
  readonly relation: CatalogRelation;
}

/**
 * Names what `groupGrants` gives, and on which objects: 32 hex characters. Accesses that differ only in what the
 * rewriter does (the values of a row filter, the form of a mask) share it, so that a thousand people with a
 * thousand attributes need one pair of groups and not a thousand entries in each table's ACL.
 */
export function floorFingerprint(from: {
  readonly access: ResolvedAccess;
  readonly catalog: Catalog;
}): string {
  const { access, catalog } = from;
  const objects = [...access.relations.values()]
    .filter(({ refusal }) => refusal === null)
    .map(({ oid }) => [oid, ...(catalog.relations.get(oid)?.ownedSequences ?? [])])
    .sort(([a = 0], [b = 0]) => a - b);
  const { base, raw } = groupGrants({ base: 'p', raw: 'x' }, from);
  return createHash('sha256')
    .update('daam floor v1\n')
    .update(
      canonicalJson({ database: catalog.database, base: [...base].sort(), raw: [...raw].sort(), objects }),
    )
    .digest('hex')
    .slice(0, 32);
}

function baseGrants(subject: Subject, catalog: Catalog): readonly string[] {
  const { granted, relation } = subject;
  const isFiltered = granted.rowFilter !== null;
  const grants = isFiltered
    ? keepVisible(
        relation,
        relation.columns.map(({ name }) => name),
      )
    : [...(granted.operations.has('select') ? selectGrants(subject) : []), ...writeGrants(subject)];
  if (granted.operations.has('insert')) {
    for (const oid of relation.ownedSequences) {
      const sequence = catalog.relations.get(oid);
      // one that the agent may not pass on would fail the whole of the grants
      if (sequence !== undefined && (sequence.ungrantable ?? []).length === 0)
        grants.push(`USAGE, SELECT ON SEQUENCE ${quoteQualified(sequence.schema, sequence.name)}`);
    }
  }
  return grants;
}

function writeGrants({ granted, relation }: Subject): readonly string[] {
  const writes = (['insert', 'update', 'delete'] as const).filter((operation) =>
    granted.operations.has(operation),
  );
  return writes.length === 0 ? [] : [`${writes.join(', ').toUpperCase()} ON ${tableName(relation)}`];
}

/** REFERENCES: information_schema shows the columns, and without CREATE it allows nothing. */
function keepVisible(relation: CatalogRelation, columns: readonly string[]): string[] {
  if (!hasCtid(relation) || columns.length === 0) return [];
  return [`REFERENCES (${columnList(columns)}) ON ${tableName(relation)}`];
}

function hasCtid({ kind }: CatalogRelation): boolean {
  return kind === 'r' || kind === 'p' || kind === 'm';
}

/** PostgreSQL docs 5.6; a grant on the whole table would include them. */
const allSystemColumns = ['tableoid', 'ctid', 'xmin', 'cmin', 'xmax', 'cmax'] as const;

/**
 * A column that is added to a table which was granted as a whole can be read at once. Where a mask could cover it,
 * the grant therefore names the columns that there are.
 */
function selectGrants({ granted, relation }: Subject): string[] {
  const table = tableName(relation);
  if (granted.masks.size === 0) {
    if (granted.columnwise !== true) return [`SELECT ON ${table}`];
    const all = relation.columns.map(({ name }) => name);
    return selectOf(relation, [...all, ...(hasCtid(relation) ? allSystemColumns : [])]);
  }
  const isMasked = (attnum: number): boolean => granted.masks.has(attnum);
  const names = (masked: boolean): readonly string[] =>
    relation.columns.filter((column) => isMasked(column.attnum) === masked).map((column) => column.name);
  const open = [...names(false), ...(hasCtid(relation) ? readableSystemColumns : [])];
  const grants = open.length > 0 ? [`SELECT (${columnList(open)}) ON ${table}`] : [];
  return [...grants, ...keepVisible(relation, names(true))];
}

function rawGrants(subject: Subject): readonly string[] {
  const { granted, relation } = subject;
  const reads = granted.operations.has('select');
  if (granted.rowFilter === null) {
    return reads ? selectOf(relation, neededColumns(subject)) : [];
  }
  const writes = writeGrants(subject);
  // a write reads the columns of the filter, whatever else is granted
  if (!reads) return [...selectOf(relation, filterColumns(granted)), ...writes];
  if (granted.masks.size === 0) return [...selectGrants(subject), ...writes];
  const open = relation.columns.filter(({ attnum }) => !granted.masks.has(attnum)).map(({ name }) => name);
  const columns = new Set([...open, ...neededColumns(subject), ...filterColumns(granted)]);
  return [
    ...selectOf(relation, [...columns, ...(hasCtid(relation) ? readableSystemColumns : [])]),
    ...writes,
  ];
}

/** Masked columns whose value the mask or a match is computed from. */
function neededColumns({ granted, relation }: Subject): readonly string[] {
  return relation.columns.flatMap(({ attnum, name }) => {
    const mask = granted.masks.get(attnum);
    return mask !== undefined && (mask.needsValue || mask.matchEquality) ? [name] : [];
  });
}

function filterColumns({ rowFilter }: RelationAccess): readonly string[] {
  return [...new Set((rowFilter?.conditions ?? []).map(({ column }) => column))];
}

function selectOf(relation: CatalogRelation, columns: readonly string[]): string[] {
  return columns.length === 0 ? [] : [`SELECT (${columnList(columns)}) ON ${tableName(relation)}`];
}

function tableName(relation: CatalogRelation): string {
  return `TABLE ${quoteQualified(relation.schema, relation.name)}`;
}

function columnList(names: readonly string[]): string {
  return names.map(quoteIdentifier).join(', ');
}
