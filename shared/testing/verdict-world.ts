import type { PostgresMajor } from '../domain/postgres-version.ts';
import type { RelationAccess, ResolvedAccess, ResolvedRowCondition } from '../sql/access.ts';
import type {
  Catalog,
  CatalogColumn,
  CatalogFunction,
  CatalogRelation,
  CatalogType,
} from '../sql/catalog.ts';
import {
  accessOf,
  accessTo,
  catalogOf,
  columns,
  mask,
  relation,
  shopAccess,
  shopCatalog,
} from './catalog.ts';

/**
 * The shop of catalog.ts with everything around it that a verdict could depend on: rows that are filtered, names that
 * stand in two schemas, code made by people in every place. The files in sql/gate/verdicts are judged in it.
 */

const all = ['select', 'insert', 'update', 'delete'] as const;
const region: ResolvedRowCondition = {
  attnum: 2,
  column: 'region',
  operator: 'in',
  literals: [`'EU'::pg_catalog.text`, `'UK'::pg_catalog.text`],
};
const filter = { conditions: [region], origins: [] };

/** What columns differ in from plain ones. */
const special: Readonly<Record<string, Partial<CatalogColumn>>> = {
  status: {
    typeOid: 601,
    typeName: 'public.order_status',
    baseTypeName: 'public.order_status',
    typeCategory: 'E',
  },
  nick: { typeOid: 603, typeName: 'public.citext', baseTypeName: 'public.citext' },
  mail: { typeOid: 602, typeName: 'public.checked' },
  twice: { generatedFrom: [7] },
  spot: { typeOid: 607, typeName: 'public.spot', baseTypeName: 'public.spot', typeCategory: 'U' },
  created: { typeOid: 1184, typeCategory: 'D' },
};
const typed = columns(
  'id:int8',
  'region',
  'note',
  'status',
  'nick',
  'mail',
  'amount:int4',
  'twice:int4',
  'owner:varchar',
  'price:numeric',
  'created:timestamptz',
  'email',
  'code',
).map((column) => ({ ...column, ...special[column.name] }));

type Granted = readonly [CatalogRelation, (source: CatalogRelation) => RelationAccess];

/** Relations that a grant names, and what it grants. */
const granted: readonly Granted[] = [
  [
    relation(21, 'public.sales', {
      columns: columns('id:int8', 'region', 'note', 'total:numeric', 'email'),
      primaryKey: [1],
      ownedSequences: [92],
    }),
    (own) => ({ ...accessTo(own, all, [mask(5, 'email', 'email', true)]), rowFilter: filter }),
  ],
  [
    relation(22, 'public.lines', {
      columns: columns('id:int4', 'order_id:int8', 'qty:int4', 'region'),
      primaryKey: [1],
    }),
    (own) => accessTo(own, all),
  ],
  [
    relation(23, 'public.derived', {
      columns: columns('id:int8', 'region', 'source').map((column) =>
        column.name === 'region' ? { ...column, generatedFrom: [3] } : column,
      ),
    }),
    (own) => ({ ...accessTo(own, all), rowFilter: filter }),
  ],
  [
    relation(24, 'public.report', {
      columns: columns('id:int8', 'region'),
      kind: 'v',
      reads: [{ oid: 22, columns: null }],
    }),
    (own) => ({ ...accessTo(own, ['select', 'update']), rowFilter: filter }),
  ],
  [
    relation(25, 'public.typed', { columns: typed, primaryKey: [1] }),
    (own) => ({
      ...accessTo(own, all, [
        mask(5, 'nick', 'email', true),
        mask(6, 'mail', 'email', true),
        mask(12, 'email', 'email', true),
        mask(13, 'code', 'redact'),
      ]),
      rowFilter: filter,
    }),
  ],
  [
    relation(26, 'public.people', {
      columns: columns('id:int4', 'name', 'email', 'code:int4'),
      primaryKey: [1],
    }),
    (own) =>
      accessTo(own, all, [
        mask(2, 'name', 'pseudonym', true),
        mask(3, 'email', 'email', true),
        mask(4, 'code', 'pseudonym', true),
      ]),
  ],
  [
    relation(27, 'public.clients', { columns: columns('id:int4', 'name', 'email', 'code:int8') }),
    (own) =>
      accessTo(own, all, [
        mask(2, 'name', 'pseudonym', true),
        mask(3, 'email', 'email', true),
        mask(4, 'code', 'pseudonym', true),
      ]),
  ],
  [
    relation(28, 'public.excluded', { columns: columns('id:int4', 'email', 'note'), primaryKey: [1] }),
    (own) => accessTo(own, all, [mask(2, 'email', 'email', true)]),
  ],
  [
    relation(29, 'public.twice', { columns: columns('id:int4', 'email') }),
    (own) => accessTo(own, all, [mask(2, 'email', 'redact')]),
  ],
  [relation(30, 'sales.twice', { columns: columns('id:int4', 'email') }), (own) => accessTo(own, all)],
  [relation(31, 'sales.thrice', { columns: columns('id:int4', 'memo') }), (own) => accessTo(own, all)],
  [
    relation(33, 'public.events', { columns: columns('id:int4', 'email'), kind: 'p' }),
    (own) => accessTo(own, all, [mask(2, 'email', 'email', true)]),
  ],
  [
    relation(34, 'public.distant', { columns: columns('id:int4', 'memo'), kind: 'f' }),
    (own) => accessTo(own, all),
  ],
  [
    relation(35, 'public.plain_view', {
      columns: columns('id:int4', 'memo'),
      kind: 'v',
      reads: [{ oid: 2, columns: null }],
    }),
    (own) => accessTo(own, all),
  ],
  [
    relation(36, 'public.stored_view', {
      columns: columns('id:int4', 'memo'),
      kind: 'm',
      reads: [{ oid: 8, columns: null }],
    }),
    (own) => accessTo(own, ['select']),
  ],
  [
    relation(37, 'public.lost_view', { columns: columns('id:int4', 'memo'), kind: 'v', reads: null }),
    (own) => accessTo(own, ['select']),
  ],
  [
    relation(38, 'public.coded_view', {
      columns: columns('id:int4', 'memo'),
      kind: 'v',
      reads: [{ oid: 2, columns: null }],
      hasUserExpressions: true,
    }),
    (own) => accessTo(own, ['select']),
  ],
  [
    relation(39, 'public.secured_view', {
      columns: columns('id:int4'),
      kind: 'v',
      reads: [{ oid: 8, columns: null }],
    }),
    (own) => accessTo(own, ['select']),
  ],
  [
    relation(40, 'public.gone_view', {
      columns: columns('id:int4'),
      kind: 'v',
      reads: [{ oid: 9999, columns: null }],
    }),
    (own) => accessTo(own, ['select']),
  ],
  [
    relation(41, 'public.hooked', {
      columns: columns('id:int4', 'memo'),
      userTriggers: ['insert', 'delete'],
      triggers: [
        { oid: 701, name: 'on_insert', events: ['insert'], sourceHash: 'a' },
        { oid: 702, name: 'on_delete', events: ['delete'], sourceHash: 'b' },
      ],
    }),
    (own) => accessTo(own, all),
  ],
  [
    relation(42, 'public.ruled', { columns: columns('id:int4'), hasRules: true }),
    (own) => accessTo(own, all),
  ],
  [
    relation(43, 'public.computed', { columns: columns('id:int4'), hasUserExpressions: true }),
    (own) => accessTo(own, all),
  ],
  [
    relation(44, 'public.policed', { columns: columns('id:int4'), rowSecurity: true }),
    (own) => accessTo(own, all),
  ],
  [
    relation(45, 'public.parents', { columns: columns('id:int4', 'memo'), primaryKey: [1] }),
    (own) => accessTo(own, all),
  ],
  [
    relation(46, 'public.children', {
      columns: columns('id:int4', 'parent:int4', 'email'),
      foreignKeys: [
        { columns: [2], references: 45, referenced: [1], onDelete: 'delete', onUpdate: 'update' },
      ],
    }),
    (own) => accessTo(own, ['select'], [mask(3, 'email', 'email')]),
  ],
  [
    relation(47, 'public.held_back', { columns: columns('id:int4') }),
    (own) => ({ ...accessTo(own, all), withheld: new Set(['update'] as const) }),
  ],
  [
    relation(48, 'public.columnwise', { columns: columns('id:int4') }),
    (own) => ({ ...accessTo(own, ['select']), columnwise: true }),
  ],
  [
    relation(49, 'public.castable', {
      columns: columns('id:int4', 'state').map((column) =>
        column.name === 'state' ? { ...column, typeOid: 601, typeName: 'public.order_status' } : column,
      ),
    }),
    (own) => accessTo(own, ['select', 'insert']),
  ],
  [
    relation(50, 'public.insert_only', { columns: columns('id:int4'), ownedSequences: [93] }),
    (own) => accessTo(own, ['insert']),
  ],
  [
    relation(51, 'public.read_only', { columns: columns('id:int4'), ownedSequences: [94] }),
    (own) => accessTo(own, ['select']),
  ],
  [
    relation(52, 'public.made', {
      columns: columns('id:int4', 'email', 'shout').map((column) =>
        column.name === 'shout' ? { ...column, generatedFrom: [2] } : column,
      ),
      primaryKey: [1],
    }),
    (own) => accessTo(own, all, [mask(2, 'email', 'email', true), mask(3, 'shout', 'email')]),
  ],
  [
    relation(53, 'public.keyed_by_mask', { columns: columns('id:int4', 'email', 'note'), primaryKey: [2] }),
    (own) => accessTo(own, all, [mask(2, 'email', 'email', true)]),
  ],
  [
    relation(54, 'public.hidden', { columns: columns('a', 'b') }),
    (own) => accessTo(own, all, [mask(1, 'a', 'null'), mask(2, 'b', 'email')]),
  ],
  [
    relation(55, 'public.grandchildren', {
      columns: columns('id:int4', 'child:int4'),
      userTriggers: ['delete'],
      foreignKeys: [{ columns: [2], references: 46, referenced: [1], onDelete: 'delete', onUpdate: null }],
    }),
    (own) => accessTo(own, ['select']),
  ],
  [
    relation(56, 'public.guests', {
      columns: columns('id:int4', 'nick', 'state', 'spot').map((column) => ({
        ...column,
        ...(column.name === 'state' ? special['status'] : special[column.name]),
      })),
      primaryKey: [1],
    }),
    (own) =>
      accessTo(own, all, [
        mask(2, 'nick', 'email', true),
        mask(3, 'state', 'redact', true),
        mask(4, 'spot', 'redact', true),
      ]),
  ],
  [
    relation(59, 'public.refused', { columns: columns('id:int4'), ownedSequences: [96] }),
    (own) => ({
      ...accessTo(own, all),
      refusal: { rule: 'view-reaches-mask', message: 'It reads masked columns.' },
    }),
  ],
  [
    relation(61, 'public.racks', { columns: columns('id:int4'), primaryKey: [1] }),
    (own) => accessTo(own, all),
  ],
  [
    relation(60, 'public.rack_items', {
      columns: columns('id:int4', 'rack:int4'),
      foreignKeys: [{ columns: [2], references: 61, referenced: [1], onDelete: 'delete', onUpdate: null }],
    }),
    (own) => accessTo(own, ['insert']),
  ],
  ...[
    { oid: 63, name: 'public.zones', of: 'mail' },
    { oid: 64, name: 'public.states', of: 'status' },
  ].map(
    ({ oid, name, of }): Granted => [
      relation(oid, name, {
        columns: columns('id:int4', 'region').map((column) =>
          column.name === 'region' ? { ...column, ...special[of] } : column,
        ),
      }),
      (own) => ({ ...accessTo(own, all), rowFilter: filter }),
    ],
  ),
  [
    relation(62, 'public.stdout', { columns: columns('id:int4', 'email') }),
    (own) => accessTo(own, ['select'], [mask(2, 'email', 'email')]),
  ],
  [
    relation(57, 'public.shelves', { columns: columns('id:int4'), primaryKey: [1] }),
    (own) => accessTo(own, all),
  ],
];

const ungranted: readonly CatalogRelation[] = [
  relation(96, 'public.refused_id_seq', { columns: [], kind: 'S' }),
  relation(95, 'public.shelf_items', {
    columns: columns('id:int4', 'shelf:int4'),
    foreignKeys: [{ columns: [2], references: 57, referenced: [1], onDelete: 'update', onUpdate: 'update' }],
  }),
  relation(92, 'public.sales_id_seq', { columns: [], kind: 'S' }),
  relation(93, 'public.insert_only_id_seq', { columns: [], kind: 'S' }),
  relation(94, 'public.read_only_id_seq', { columns: [], kind: 'S' }),
  ...[
    'pg_shadow',
    'pg_file_settings',
    'pg_hba_file_rules',
    'pg_ident_file_mappings',
    'pg_user_mapping',
    'pg_stats_ext_exprs',
    'pg_statistic_ext_data',
    'pg_largeobject',
    'pg_stat_user_tables',
    'pg_statio_user_tables',
    'pg_locks',
    'pg_stat_activity',
    'pg_stats_ext',
    'pg_proc',
    'pg_type',
  ].map((name, index) =>
    relation(2000 + index, `pg_catalog.${name}`, { columns: columns('oid:int8', 'name') }),
  ),
  relation(2100, 'pg_toast.pg_toast_16', { columns: columns('chunk_id:int8'), system: true }),
];

const code = (oid: number, path: string, rest: Partial<CatalogFunction> = {}): CatalogFunction => {
  const [schema = '', name = ''] = path.split('.');
  return { oid, schema, name, securityDefiner: false, kind: 'f', ...rest };
};

const functions: readonly CatalogFunction[] = [
  code(501, 'public.invoker'),
  code(502, 'public.definer', { securityDefiner: true }),
  code(503, 'public.lower'),
  code(504, 'sales.elsewhere'),
  code(505, 'public.trusted'),
  code(506, 'public.shared_name'),
  code(507, 'sales.shared_name', { securityDefiner: true }),
  code(508, 'sales.trusted_there'),
  code(511, 'public.trusted_twice'),
  code(512, 'sales.trusted_twice'),
  code(509, 'public.upper'),
  code(510, 'public.pg_read_file'),
];

const types: readonly CatalogType[] = [
  { oid: 601, schema: 'public', name: 'order_status', kind: 'e' },
  { oid: 602, schema: 'public', name: 'checked', kind: 'd' },
  { oid: 603, schema: 'public', name: 'citext', kind: 'b' },
  { oid: 604, schema: 'public', name: 'pair', kind: 'c' },
  { oid: 605, schema: 'sales', name: 'span', kind: 'r' },
  { oid: 606, schema: 'sales', name: 'order_status', kind: 'd' },
];

/** What a file of verdicts may change in the world. */
export interface WorldChanges {
  readonly operators?: readonly string[];
  readonly harmless?: readonly string[];
  readonly casts?: readonly number[];
  readonly keyed?: boolean;
  readonly vouched?: boolean;
  readonly matches?: number;
  /** No rows are filtered, and nothing is masked. */
  readonly open?: boolean;
}

/** The world's catalogue on a major. */
export function verdictCatalog(major: PostgresMajor, changes: WorldChanges): Catalog {
  const relations = [...shopCatalog(major).relations.values(), ...granted.map(([own]) => own), ...ungranted];
  return catalogOf(major, relations, {
    userFunctions: byName(functions),
    userTypes: byName(types),
    schemas: new Set(['public', 'sales', 'pg_catalog', 'information_schema', 'pg_toast']),
    userOperators: new Set(changes.operators),
    ...(changes.harmless === undefined ? {} : { harmlessOperators: new Set(changes.harmless) }),
    ...(changes.casts === undefined ? {} : { castTypes: new Set(changes.casts) }),
  });
}

/** What the person may do in it. */
export function verdictAccess(changes: WorldChanges): ResolvedAccess {
  const relations = [...shopAccess().relations.values(), ...granted.map(([own, access]) => access(own))];
  const opened = (access: RelationAccess): RelationAccess => ({
    ...access,
    masks: new Map(),
    rowFilter: null,
  });
  return {
    ...accessOf(changes.open === true ? relations.map(opened) : relations),
    keyed: changes.keyed !== false,
    limits: changes.matches === undefined ? {} : { matchesPerStatement: changes.matches },
    ...(changes.vouched === false
      ? {}
      : { vouched: { functions: new Set([505, 508, 509, 511, 512]), triggers: new Set([701]) } }),
  };
}

function byName<Entry extends { readonly name: string }>(
  entries: readonly Entry[],
): ReadonlyMap<string, readonly Entry[]> {
  const found = new Map<string, Entry[]>();
  for (const entry of entries) found.set(entry.name, [...(found.get(entry.name) ?? []), entry]);
  return found;
}
