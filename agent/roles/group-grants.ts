import type { RelationAccess, ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog, CatalogRelation } from '@daam/shared/sql/catalog';
import { quoteIdentifier, quoteQualified } from '@daam/shared/sql/quote';

/** The GRANT statements of one access: for everyone who has it, and for those who may read raw values now. */
export interface GroupGrants {
  readonly base: readonly string[];
  /** Empty: no mask needs the value, so nobody is ever elevated. */
  readonly raw: readonly string[];
}

/**
 * The floor (enforcement.md, L1). On a table without masks the operations are granted as they are. On a masked
 * one SELECT is granted on the other columns and on ctid; the masked ones get REFERENCES, which keeps them visible
 * in information_schema and is harmless without CREATE. A relation with a refusal gets nothing at all.
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

function baseGrants(subject: Subject, catalog: Catalog): readonly string[] {
  const { granted, relation } = subject;
  const table = tableName(relation);
  const writes = (['insert', 'update', 'delete'] as const).filter((operation) =>
    granted.operations.has(operation),
  );
  const grants = granted.operations.has('select') ? selectGrants(subject) : [];
  if (writes.length > 0) grants.push(`${writes.join(', ').toUpperCase()} ON ${table}`);
  if (granted.operations.has('insert')) {
    for (const oid of relation.ownedSequences) {
      const sequence = catalog.relations.get(oid);
      if (sequence !== undefined)
        grants.push(`USAGE ON SEQUENCE ${quoteQualified(sequence.schema, sequence.name)}`);
    }
  }
  return grants;
}

function selectGrants({ granted, relation }: Subject): string[] {
  const table = tableName(relation);
  if (granted.masks.size === 0) return [`SELECT ON ${table}`];
  const isMasked = (attnum: number): boolean => granted.masks.has(attnum);
  const names = (masked: boolean): readonly string[] =>
    relation.columns.filter((column) => isMasked(column.attnum) === masked).map((column) => column.name);
  const hasCtid = relation.kind === 'r' || relation.kind === 'p' || relation.kind === 'm';
  const open = [...names(false), ...(hasCtid ? ['ctid'] : [])];
  const grants = open.length > 0 ? [`SELECT (${columnList(open)}) ON ${table}`] : [];
  const masked = names(true);
  if (hasCtid && masked.length > 0) grants.push(`REFERENCES (${columnList(masked)}) ON ${table}`);
  return grants;
}

function rawGrants({ granted, relation }: Subject): readonly string[] {
  if (!granted.operations.has('select')) return [];
  const columns = relation.columns.filter((column) => {
    const mask = granted.masks.get(column.attnum);
    return mask !== undefined && (mask.needsValue || mask.matchEquality);
  });
  if (columns.length === 0) return [];
  return [`SELECT (${columnList(columns.map((column) => column.name))}) ON ${tableName(relation)}`];
}

function tableName(relation: CatalogRelation): string {
  return `TABLE ${quoteQualified(relation.schema, relation.name)}`;
}

function columnList(names: readonly string[]): string {
  return names.map(quoteIdentifier).join(', ');
}
