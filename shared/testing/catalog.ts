import type { PostgresMajor } from '../domain/postgres-version.ts';
import type { MaskPreset, TableOperation } from '../policy/effective-policy.ts';
import type { ColumnMask, RelationAccess, ResolvedAccess } from '../sql/access.ts';
import {
  type Catalog,
  type CatalogColumn,
  type CatalogFunction,
  type CatalogRelation,
  type CatalogType,
  type RelationKind,
  relationKey,
} from '../sql/catalog.ts';
import type { SessionNames } from '../sql/verdict.ts';

/** A catalogue and policies made by hand: a small shop, for tests of the gate. */

const types: Readonly<Record<string, { readonly oid: number; readonly category: string }>> = {
  int4: { oid: 23, category: 'N' },
  int8: { oid: 20, category: 'N' },
  text: { oid: 25, category: 'S' },
  numeric: { oid: 1700, category: 'N' },
  date: { oid: 1082, category: 'D' },
  jsonb: { oid: 3802, category: 'U' },
};

/** Columns from `name:type`, numbered from 1; the type is one of pg_catalog's. */
export function columns(...specs: readonly string[]): readonly CatalogColumn[] {
  return specs.map((spec, index) => {
    const [name = '', type = 'text'] = spec.split(':');
    const known = types[type] ?? { oid: 25, category: 'S' };
    const typeName = `pg_catalog.${type}`;
    return {
      attnum: index + 1,
      name,
      typeOid: known.oid,
      typeName,
      baseTypeName: typeName,
      typeCategory: known.category,
      notNull: index === 0,
      generatedFrom: null,
    };
  });
}

/** A relation without anything special, with `overrides` on top. */
export function relation(
  oid: number,
  name: string,
  overrides: Partial<CatalogRelation> & { readonly columns: readonly CatalogColumn[] },
): CatalogRelation {
  const [schema = 'public', bare = ''] = name.split('.');
  const kind: RelationKind = 'r';
  return {
    oid,
    schema,
    name: bare,
    kind,
    system: schema === 'pg_catalog' || schema === 'information_schema',
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
    ...overrides,
  };
}

/** The catalogue's plain parts, indexed. */
export function catalogOf(
  major: PostgresMajor,
  relations: readonly CatalogRelation[],
  rest: Partial<Catalog> = {},
): Catalog {
  return {
    major,
    database: 'shop',
    version: '1',
    relations: new Map(relations.map((item) => [item.oid, item])),
    byName: new Map(relations.map((item) => [relationKey(item.schema, item.name), item])),
    schemas: new Set(['public', 'sales', 'pg_catalog', 'information_schema']),
    defaultSearchPath: ['public'],
    userFunctions: new Map(),
    userOperators: new Set(),
    userTypes: new Map(),
    ...rest,
  };
}

const system = [
  'pg_class',
  'pg_stats',
  'pg_statistic',
  'pg_authid',
  'pg_namespace',
  'pg_attribute',
  'pg_settings',
];

const shopRelations: readonly CatalogRelation[] = [
  relation(1, 'public.customers', {
    columns: columns('id:int4', 'name', 'email', 'ssn', 'salary:numeric', 'note', 'doc:jsonb'),
    primaryKey: [1],
    ownedSequences: [90],
  }),
  relation(2, 'public.orders', {
    columns: columns('id:int4', 'customer_id:int4', 'total:numeric', 'memo'),
    primaryKey: [1],
  }),
  relation(3, 'public.payments', { columns: columns('id:int4', 'card') }),
  relation(4, 'public.audited', {
    columns: columns('id:int4', 'email', 'note'),
    userTriggers: ['update'],
  }),
  relation(5, 'sales.leads', { columns: columns('id:int4', 'email', 'phone') }),
  relation(6, 'public.guarded_view', { columns: columns('id:int4', 'contact'), kind: 'v' }),
  relation(7, 'public.odd "name"', { columns: columns('Id:int4', 'e"mail') }),
  relation(8, 'public.secured', {
    columns: columns('id:int4', 'email'),
    rowSecurity: true,
    hasUserExpressions: true,
  }),
  relation(90, 'public.customers_id_seq', { columns: [], kind: 'S' }),
  relation(91, 'public.payments_id_seq', { columns: [], kind: 'S' }),
  ...system.map((name, index) =>
    relation(1000 + index, `pg_catalog.${name}`, { columns: columns('oid:int8', 'relname') }),
  ),
  relation(1100, 'information_schema.tables', { columns: columns('table_name'), kind: 'v' }),
];

const userFunction = (oid: number, path: string, securityDefiner: boolean): CatalogFunction => {
  const [schema = '', name = ''] = path.split('.');
  return { oid, schema, name, securityDefiner, kind: 'f' };
};

const functions = [
  userFunction(501, 'public.invoker', false),
  userFunction(502, 'public.definer', true),
  userFunction(503, 'public.lower', false),
  userFunction(504, 'sales.elsewhere', false),
];

const userTypes: readonly CatalogType[] = [
  { oid: 601, schema: 'public', name: 'order_status', kind: 'e' },
  { oid: 602, schema: 'public', name: 'checked', kind: 'd' },
  { oid: 603, schema: 'public', name: 'citext', kind: 'b' },
];

/** customers, orders, payments, audited (a trigger), sales.leads and some of pg_catalog. */
export function shopCatalog(major: PostgresMajor, rest: Partial<Catalog> = {}): Catalog {
  return catalogOf(major, shopRelations, {
    userFunctions: new Map(functions.map((item) => [item.name, [item]])),
    userTypes: new Map(userTypes.map((item) => [item.name, [item]])),
    ...rest,
  });
}

const origin = { policy: 'analyst', version: 3 };

/** A mask as a policy would give it; `match` allows equality. */
export function mask(attnum: number, column: string, preset: MaskPreset, match = false): ColumnMask {
  const needsValue = !['null', 'redact'].includes(preset);
  return { attnum, column, preset, prefix: 0, suffix: 0, as: null, matchEquality: match, needsValue, origin };
}

/** One relation's grants and masks. */
export function accessTo(
  source: CatalogRelation,
  operations: readonly TableOperation[],
  masks: readonly ColumnMask[] = [],
): RelationAccess {
  return {
    oid: source.oid,
    schema: source.schema,
    name: source.name,
    operations: new Set(operations),
    masks: new Map(masks.map((item) => [item.attnum, item])),
    rowFilter: null,
    origins: [origin],
    refusal: null,
  };
}

/** A resolved access out of its relations. */
export function accessOf(relations: readonly RelationAccess[]): ResolvedAccess {
  return {
    fingerprint: '0'.repeat(32),
    relations: new Map(relations.map((item) => [item.oid, item])),
    limits: {},
    policies: [origin],
  };
}

function shopRelation(oid: number): CatalogRelation {
  const found = shopRelations.find((item) => item.oid === oid);
  if (found === undefined) throw new TypeError(`no relation ${oid} in the shop`);
  return found;
}

const all: readonly TableOperation[] = ['select', 'insert', 'update', 'delete'];

/**
 * Everything on customers (email, ssn, salary, doc masked; email matches), orders, audited (email masked);
 * select on sales.leads (email redacted), the odd name and the view; nothing on payments.
 */
export function shopAccess(): ResolvedAccess {
  const customerMasks = [
    mask(3, 'email', 'email', true),
    mask(4, 'ssn', 'ssn'),
    mask(5, 'salary', 'null'),
    mask(7, 'doc', 'redact'),
  ];
  return accessOf([
    accessTo(shopRelation(1), all, customerMasks),
    accessTo(shopRelation(2), all),
    accessTo(shopRelation(4), all, [mask(2, 'email', 'email', true)]),
    accessTo(shopRelation(5), ['select'], [mask(2, 'email', 'redact')]),
    {
      ...accessTo(shopRelation(6), ['select']),
      refusal: { rule: 'view-reaches-mask', message: 'The view reads masked columns.' },
    },
    accessTo(shopRelation(7), ['select'], [mask(2, 'e"mail', 'redact')]),
    accessTo(shopRelation(8), ['select'], [mask(2, 'email', 'email')]),
  ]);
}

/** A session that has just begun, with `overrides` on top. */
export function freshNames(overrides: Partial<SessionNames> = {}): SessionNames {
  return {
    searchPath: ['public'],
    searchPathTouched: false,
    tempRelations: new Set(),
    prepared: new Map(),
    elevationAvailable: true,
    opaqueObjects: false,
    ...overrides,
  };
}
