import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../base/canonical-json.ts';
import type { EffectivePolicy } from '../policy/effective-policy.ts';
import { sampleCatalog, sampleRelation } from '../testing/catalog-samples.ts';
import { testRandom } from '../testing/random.ts';
import type { CatalogRelation } from './catalog.ts';
import { type DatabaseSchema, databaseSchema, edgesOf, schemaLimits } from './database-schema.ts';
import { displayType } from './display-type.ts';
import { reportSchema } from './report-schema.ts';
import { resolveAccess } from './resolve-access.ts';
import { catalogOfSchema, isInScope, resolveReported } from './schema-catalog.ts';

const origin = { policy: 'analyst', version: 1 };
const none = { comments: new Map(), scope: null };

const customers = sampleRelation(20_000, 'public.customers', {
  columns: ['id', 'email', 'region'],
  primaryKey: [1],
});
const orders = sampleRelation(20_001, 'public.orders', {
  columns: ['id', 'customer_email'],
  foreignKeys: [{ columns: [2], references: 20_000, referenced: [2], onDelete: null, onUpdate: 'update' }],
});
const plain = sampleRelation(20_002, 'public.plain', {
  kind: 'v',
  columns: ['contact'],
  reads: [{ oid: 20_000, columns: [2] }],
  lineage: {
    columns: new Map([[1, { copies: [{ oid: 20_000, attnum: 2 }], computedFrom: [] }]]),
    conditions: [],
    sources: [20_000, 1_259],
  },
});
const computed = sampleRelation(20_003, 'public.computed', {
  kind: 'm',
  columns: ['n'],
  reads: [{ oid: 20_000, columns: [2] }],
  lineage: {
    columns: new Map([[1, { copies: [], computedFrom: [{ oid: 20_000, attnum: 2 }] }]]),
    conditions: [{ column: { oid: 20_000, attnum: 2 }, through: 'WHERE', asks: 'anything' }],
    sources: [20_000],
  },
});
const partition = sampleRelation(20_004, 'public.customers_2025', {
  columns: ['id', 'email', 'region'],
  parents: [20_000],
  ungrantable: ['delete'],
});
const secret = sampleRelation(20_005, 'hr.salaries', { columns: ['id', 'amount'] });
const foreign = sampleRelation(20_006, 'public.elsewhere', { kind: 'f', columns: ['x'] });
const sequence = sampleRelation(20_007, 'public.customers_id_seq', { kind: 'S', columns: [] });
const pgClass = sampleRelation(1_259, 'pg_catalog.pg_class', { system: true, columns: ['relname'] });
const catalog = sampleCatalog([
  secret,
  customers,
  orders,
  plain,
  computed,
  partition,
  foreign,
  sequence,
  pgClass,
]);

const policy: EffectivePolicy = {
  database: 'shop',
  grants: [
    { schema: 'public', table: '*', operations: ['select', 'delete'], origin },
    { schema: 'hr', table: 'sal*', operations: ['select'], origin },
  ],
  masks: [{ schema: 'public', table: 'customers', column: 'email', preset: 'email', origin }],
  rowFilters: [
    { schema: 'hr', table: 'salaries', where: [{ column: 'id', operator: 'in', value: ['1'] }], origin },
  ],
  limits: {},
  policies: [origin],
};

describe('a reported schema', () => {
  it('gives every policy what the catalogue itself gives: operations, masks, filters and refusals', () => {
    const schema = databaseSchema.parse(JSON.parse(JSON.stringify(reportSchema(catalog, none))));
    const own = resolveAccess(policy, catalog);
    const reported = resolveReported(policy, { schema, catalog: catalogOfSchema(schema) });
    const comparable = (access: typeof own) =>
      [...access.relations.values()]
        .toSorted((a, b) => a.oid - b.oid)
        .map((relation) => ({
          ...relation,
          operations: [...relation.operations].toSorted(),
          withheld: [...(relation.withheld ?? [])],
          masks: [...relation.masks.values()],
        }));
    expect(comparable(reported)).toEqual(comparable(own));
    expect(reported.relations.get(20_001)?.masks.get(2)?.preset).toBe('email');
    expect(reported.relations.get(20_003)?.refusal?.rule).toBe('view-reaches-masked');
    expect(reported.relations.get(20_002)?.refusal).toBeNull();
  });

  it('has tables and views of people in order, and of the server only what views read', () => {
    const { tables, system, omitted } = reportSchema(catalog, none);
    expect(tables.map(({ schema, name }) => `${schema}.${name}`)).toEqual([
      'hr.salaries',
      'public.computed',
      'public.customers',
      'public.customers_2025',
      'public.elsewhere',
      'public.orders',
      'public.plain',
    ]);
    expect(system).toEqual([{ oid: 1_259, schema: 'pg_catalog', name: 'pg_class' }]);
    expect(omitted).toBe(0);
  });

  it('is the same value for the same schema, in whatever order the catalogue has it', () => {
    const turned = sampleCatalog([...catalog.relations.values()].toReversed());
    expect(canonicalJson(reportSchema(turned, none))).toBe(canonicalJson(reportSchema(catalog, none)));
  });

  it('holds what people wrote, cut to its ceiling', () => {
    const comments = new Map([
      [
        20_000,
        new Map([
          [0, ' Who buys '],
          [2, 'x'.repeat(499) + '🙂🙂'],
          [3, '  '],
        ]),
      ],
    ]);
    const table = reportSchema(catalog, { comments, scope: null }).tables.find(({ oid }) => oid === 20_000);
    expect(table?.comment).toBe('Who buys');
    const [, email, region] = table?.columns ?? [];
    expect(email?.comment).toHaveLength(schemaLimits.comment);
    expect(email?.comment?.isWellFormed()).toBe(true);
    expect(region).not.toHaveProperty('comment');
  });

  it('leaves whole tables out when there are too many, and counts them', () => {
    const many = Array.from({ length: schemaLimits.tables + 7 }, (_, at) =>
      sampleRelation(30_000 + at, `public.t${at}`),
    );
    const report = reportSchema(sampleCatalog(many), none);
    expect(report.tables).toHaveLength(schemaLimits.tables);
    expect(report.omitted).toBe(7);
    const wide = Array.from({ length: 50 }, (_, at) =>
      sampleRelation(30_000 + at, `public.w${at}`, {
        columns: Array.from({ length: 1_500 }, (_each, column) => `${'c'.repeat(55)}${column}`),
      }),
    );
    const bounded = reportSchema(sampleCatalog(wide), none);
    expect(Buffer.byteLength(JSON.stringify(bounded))).toBeLessThanOrEqual(schemaLimits.bytes);
    expect(bounded.omitted).toBeGreaterThan(0);
    expect(databaseSchema.safeParse(bounded).success).toBe(true);
  });

  it('counts a view whose making is too large to tell as one that cannot be traced', () => {
    const huge: CatalogRelation = {
      ...plain,
      lineage: {
        columns: new Map(),
        conditions: [],
        sources: Array.from({ length: 1_001 }, (_, at) => 20_000 + at),
      },
    };
    const schema = reportSchema(sampleCatalog([customers, huge]), none);
    const unfiltered = { ...policy, rowFilters: [] };
    const access = resolveReported(unfiltered, { schema, catalog: catalogOfSchema(schema) });
    expect(access.relations.get(20_002)?.refusal?.rule).toBe('view-untraceable');
  });

  it('names everything once, and is refused where something is in it twice or more hangs together than is allowed', () => {
    const doubled: CatalogRelation = {
      ...plain,
      reads: [
        { oid: 20_000, columns: [2] },
        { oid: 20_000, columns: [1, 2] },
      ],
      lineage: { columns: new Map(), conditions: [], sources: [20_000, 20_000] },
    };
    const children = Array.from({ length: 90 }, (_, at) =>
      sampleRelation(30_000 + at, `public.child${at}`, {
        columns: ['a', 'b', 'c'],
        parents: Array.from({ length: 900 }, (_each, parent) => 40_000 + parent),
      }),
    );
    const report = reportSchema(sampleCatalog([customers, doubled, ...children]), none);
    expect(databaseSchema.safeParse(report).success).toBe(true);
    const [table] = report.tables.filter(({ oid }) => oid === 20_002);
    expect(table?.view).toMatchObject({
      reads: [{ oid: 20_000, columns: [2, 1] }],
      lineage: { sources: [20_000] },
    });
    expect(report.omitted).toBe(16);
    expect(report.tables.reduce((sum, each) => sum + edgesOf(each), 0)).toBeLessThanOrEqual(
      schemaLimits.edges,
    );

    const [child] = report.tables.filter(({ parents }) => parents !== undefined);
    const tooMany = Array.from({ length: 90 }, (_, at) => ({
      ...child,
      oid: 50_000 + at,
      name: `many${at}`,
    }));
    const { view } = table ?? {};
    const lineage = { ...view?.lineage, sources: [20_000, 20_000] };
    for (const tables of [
      tooMany,
      [table, table],
      [{ ...child, parents: [1, 1] }],
      [{ ...table, view: { ...view, lineage } }],
    ])
      expect(databaseSchema.safeParse({ ...report, tables }).success).toBe(false);
    expect(databaseSchema.safeParse({ ...report, tables: tooMany.slice(0, 74) }).success).toBe(true);
  });

  it('shows nothing outside of the scope of the agent', () => {
    const schema = reportSchema(catalog, { comments: new Map(), scope: ['public.cust*'] });
    const access = resolveReported(policy, { schema, catalog: catalogOfSchema(schema) });
    expect([...access.relations.values()].map(({ name }) => name)).toEqual(['customers', 'customers_2025']);
    expect(isInScope({ scope: [] }, { schema: 'public', name: 'customers' })).toBe(false);
    expect(isInScope({ scope: ['"a.b".*'] }, { schema: 'a.b', name: 'c' })).toBe(true);
  });

  it('is refused when it is not one, whatever comes', () => {
    const good = reportSchema(catalog, none);
    const bad = [
      null,
      { ...good, major: 9 },
      { ...good, scope: ['public'] },
      { ...good, tables: [{ ...good.tables[0], oid: -1 }] },
      { ...good, tables: [{ ...good.tables[0], kind: 'index' }] },
    ];
    for (const value of bad) expect(databaseSchema.safeParse(value).success).toBe(false);
    const random = testRandom(7);
    const text = JSON.stringify(good);
    for (let round = 0; round < 300; round += 1) {
      const at = random.int(text.length);
      const mangled = text.slice(0, at) + String.fromCharCode(32 + random.int(90)) + text.slice(at + 1);
      const parsed = databaseSchema.safeParse(parse(mangled));
      expect(() => parsed.data && resolveAnew(parsed.data)).not.toThrow();
    }
  });
});

function resolveAnew(schema: DatabaseSchema) {
  return resolveReported(policy, { schema, catalog: catalogOfSchema(schema) });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

describe('types for people', () => {
  it.each([
    ['pg_catalog.int4', 'integer'],
    ['pg_catalog._int8', 'bigint[]'],
    ['pg_catalog.varchar(60)', 'varchar(60)'],
    ['pg_catalog._varchar(9)', 'varchar(9)[]'],
    ['pg_catalog.numeric(10,2)', 'numeric(10,2)'],
    ['timestamp(3) with time zone', 'timestamp(3) with time zone'],
    ['public.order_status', 'public.order_status'],
    ['"Odd"."my type"', '"Odd"."my type"'],
  ])('%s is %s', (type, shown) => {
    expect(displayType(type)).toBe(shown);
  });
});
