import { type Catalog, type CatalogColumn, type CatalogRelation, relationKey } from '../sql/catalog.ts';
import { sampleColumn } from './mask-samples.ts';

/** A relation for tests: columns are text unless given whole; OID and attnums count up. */
export function sampleRelation(
  oid: number,
  qualified: string,
  over: Partial<Omit<CatalogRelation, 'columns'>> & {
    readonly columns?: readonly (string | CatalogColumn)[];
  } = {},
): CatalogRelation {
  const [schema = 'public', name = qualified] = qualified.split('.');
  const { columns = ['id'], ...rest } = over;
  return {
    oid,
    schema,
    name,
    kind: 'r',
    system: false,
    primaryKey: [],
    userTriggers: [],
    hasRules: false,
    hasUserExpressions: false,
    rowSecurity: false,
    parents: [],
    reads: null,
    lineage: null,
    untraceable: null,
    invokerRights: false,
    foreignKeys: [],
    ownedSequences: [],
    ...rest,
    columns: columns.map((column, index) =>
      typeof column === 'string' ? sampleColumn({ name: column, attnum: index + 1 }) : column,
    ),
  };
}

/** A catalogue of those relations. */
export function sampleCatalog(relations: readonly CatalogRelation[], over: Partial<Catalog> = {}): Catalog {
  return {
    major: 18,
    database: 'shop',
    version: 'v1',
    relations: new Map(relations.map((relation) => [relation.oid, relation])),
    byName: new Map(relations.map((relation) => [relationKey(relation.schema, relation.name), relation])),
    schemas: new Set(relations.map((relation) => relation.schema)),
    defaultSearchPath: ['public'],
    userFunctions: new Map(),
    userOperators: new Set(),
    userTypes: new Map(),
    ...over,
  };
}
