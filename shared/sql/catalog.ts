import type { PostgresMajor } from '../domain/postgres-version.ts';

/**
 * A snapshot of what the gate must know of one database: relations, columns, and which user-made
 * functions, operators and types exist. The agent loads it (agent/enforce/catalog-loader.ts); here it
 * is plain data. pg_catalog and information_schema relations are in it too, marked `system`.
 */

/** pg_class.relkind: table, view, materialized view, foreign table, partitioned table, sequence. */
export type RelationKind = 'r' | 'v' | 'm' | 'f' | 'p' | 'S';

export interface CatalogColumn {
  readonly attnum: number;
  readonly name: string;
  readonly typeOid: number;
  /** Schema-qualified and quoted where needed, with typmod: `pg_catalog.varchar(60)`, `public.order_status`. */
  readonly typeName: string;
  /** The same without typmod; a domain is followed to its base type, because a cast to a domain runs its checks. */
  readonly baseTypeName: string;
  /** pg_type.typcategory of the column's (domain's base) type: `S` string, `N` numeric, … */
  readonly typeCategory: string;
  readonly notNull: boolean;
  /** pg_attribute.attgenerated is set; `generatedFrom` lists the attnums it reads. */
  readonly generatedFrom: readonly number[] | null;
}

/** What a view reads, followed through other views to tables: `columns` null means every column. */
export interface ViewSource {
  readonly oid: number;
  readonly columns: readonly number[] | null;
}

/** A column of a relation; `attnum` 0 means its whole row. */
export interface ColumnAddress {
  readonly oid: number;
  readonly attnum: number;
}

/** What one column of a view shows. Both empty: a constant. */
export interface ViewColumn {
  /** It is an unchanged copy of one of these: of several under UNION ALL. */
  readonly copies: readonly ColumnAddress[];
  /** It is computed from these in any other way. */
  readonly computedFrom: readonly ColumnAddress[];
}

/** A column that decides which rows a view shows, how many, or in which order. */
export interface ViewCondition {
  readonly column: ColumnAddress;
  /** Where in the view's query, in words: `WHERE`, `a join condition`, `GROUP BY`, … */
  readonly through: string;
  /** How much of the value it asks for: whether it is NULL, whether it is the same as another column's, or anything. */
  readonly asks: 'anything' | 'is null' | { readonly equals: ColumnAddress };
}

/** How a view's own query makes it from its direct sources, other views among them. */
export interface ViewLineage {
  /** By attnum. */
  readonly columns: ReadonlyMap<number, ViewColumn>;
  readonly conditions: readonly ViewCondition[];
  /** Relations that the query names. */
  readonly sources: readonly number[];
}

/** A foreign key of the table that it stands in. */
export interface CatalogForeignKey {
  readonly columns: readonly number[];
  /** The table that is referenced, and its columns in the order of `columns`. */
  readonly references: number;
  readonly referenced: readonly number[];
  /** What deleting or changing a referenced row does to this table. */
  readonly onDelete: 'delete' | 'update' | null;
  readonly onUpdate: 'update' | null;
}

export interface CatalogRelation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  /** In pg_catalog, information_schema or pg_toast. */
  readonly system: boolean;
  /** In attnum order, dropped ones left out. */
  readonly columns: readonly CatalogColumn[];
  /** attnums, empty when there is none. */
  readonly primaryKey: readonly number[];
  /** A trigger that is not internal and is not disabled, by the operation that fires it. */
  readonly userTriggers: readonly ('insert' | 'update' | 'delete' | 'truncate')[];
  /** The same triggers one by one; a trigger that is vouched for does not count as user code. */
  readonly triggers?: readonly CatalogTrigger[];
  /** Rules other than a view's ON SELECT. */
  readonly hasRules: boolean;
  /** CHECK constraints, defaults, generated columns, index expressions or row security policies that call user functions. */
  readonly hasUserExpressions: boolean;
  readonly rowSecurity: boolean;
  /** Direct parents by inheritance or partitioning. */
  readonly parents: readonly number[];
  /** For views and materialized views; null when it cannot be traced. */
  readonly reads: readonly ViewSource[] | null;
  /** For views and materialized views that could be traced to columns. */
  readonly lineage: ViewLineage | null;
  /** Why a view cannot be traced, to follow `because `; null: it can, or it is no view. */
  readonly untraceable: string | null;
  /** A view (15 and later) whose sources are read with the rights of whoever reads it. */
  readonly invokerRights: boolean;
  readonly foreignKeys: readonly CatalogForeignKey[];
  /** Operations that the agent's own role may not grant to others, so that nobody gets them; absent: none. */
  readonly ungrantable?: readonly ('select' | 'insert' | 'update' | 'delete')[];
  /** Sequences owned by columns of this table. */
  readonly ownedSequences: readonly number[];
}

/** A trigger that is not internal and is not disabled. */
export interface CatalogTrigger {
  readonly oid: number;
  readonly name: string;
  readonly events: readonly ('insert' | 'update' | 'delete' | 'truncate')[];
  /** SHA-256 in hex of all that decides what runs: the trigger's own row and its function's. */
  readonly sourceHash: string;
}

export interface CatalogFunction {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly securityDefiner: boolean;
  /** pg_proc.prokind: function, procedure, aggregate, window. */
  readonly kind: 'f' | 'p' | 'a' | 'w';
  /** Types of the input parameters as the server writes them; tells overloads apart for people. */
  readonly parameters?: string;
  /** SHA-256 in hex of what runs when it is called: the function's catalogue row (body, library, language, settings, owner, rights) without its privileges. */
  readonly sourceHash?: string;
}

export interface CatalogType {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** pg_type.typtype: base, composite, domain, enum, pseudo, range, multirange. */
  readonly kind: 'b' | 'c' | 'd' | 'e' | 'p' | 'r' | 'm';
}

export interface Catalog {
  readonly major: PostgresMajor;
  /** The name of the real database on the server. */
  readonly database: string;
  /** Changes whenever anything in the snapshot does. */
  readonly version: string;
  readonly relations: ReadonlyMap<number, CatalogRelation>;
  /** Key: relationKey(schema, name). */
  readonly byName: ReadonlyMap<string, CatalogRelation>;
  readonly schemas: ReadonlySet<string>;
  /** The search path of a fresh session, resolved to schema names that exist, pg_catalog and pg_temp left out. */
  readonly defaultSearchPath: readonly string[];
  /** User-made (not pg_catalog, not information_schema) functions by bare name. */
  readonly userFunctions: ReadonlyMap<string, readonly CatalogFunction[]>;
  /** Bare names of operators outside pg_catalog. */
  readonly userOperators: ReadonlySet<string>;
  /** Bare names that outside pg_catalog only well-known extensions have, whose operators compute from their operands alone. */
  readonly harmlessOperators?: ReadonlySet<string>;
  /** OIDs of user-made types that a cast leads to or from whose function people made. */
  readonly castTypes?: ReadonlySet<number>;
  /** User-made types by bare name. */
  readonly userTypes: ReadonlyMap<string, readonly CatalogType[]>;
}

/** The key of `byName`; NUL cannot be part of a PostgreSQL identifier. */
export function relationKey(schema: string, name: string): string {
  return `${schema}\u0000${name}`;
}
