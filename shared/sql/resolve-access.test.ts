import { describe, expect, it } from 'vitest';
import type { EffectiveGrant, EffectiveMask, EffectivePolicy } from '../policy/effective-policy.ts';
import { sampleCatalog, sampleRelation } from '../testing/catalog-samples.ts';
import { sampleColumn } from '../testing/mask-samples.ts';
import type { RelationAccess, ResolvedAccess } from './access.ts';
import type { CatalogRelation } from './catalog.ts';
import { resolveAccess, resolveAccessWithWarnings } from './resolve-access.ts';

const origin = { policy: 'analyst', version: 3 };

function grant(table: string, operations: EffectiveGrant['operations'] = ['select']): EffectiveGrant {
  const [schema = '', name = ''] = table.split('.');
  return { schema, table: name, operations, origin };
}

function mask(
  path: string,
  preset: EffectiveMask['preset'],
  over: Partial<EffectiveMask> = {},
): EffectiveMask {
  const [schema = '', table = '', column = ''] = path.split('.');
  return { schema, table, column, preset, origin, ...over };
}

function policy(over: Partial<EffectivePolicy>): EffectivePolicy {
  return { database: 'shop', grants: [], masks: [], rowFilters: [], limits: {}, policies: [origin], ...over };
}

function resolve(relations: readonly CatalogRelation[], over: Partial<EffectivePolicy>): ResolvedAccess {
  return resolveAccess(policy(over), sampleCatalog(relations));
}

function masksOf(access: ResolvedAccess, oid: number): Record<string, string> {
  const masks = access.relations.get(oid)?.masks.values() ?? [];
  return Object.fromEntries([...masks].map((each) => [each.column, each.preset]));
}

function refusalOf(access: ResolvedAccess, oid: number): string | null | undefined {
  const relation: RelationAccess | undefined = access.relations.get(oid);
  return relation === undefined ? undefined : (relation.refusal?.rule ?? null);
}

const customers = sampleRelation(100, 'public.customers', { columns: ['id', 'name', 'email', 'ssn'] });

describe('resolveAccess: grants', () => {
  it('denies by default: only tables that a grant names are in the result', () => {
    const access = resolve([customers, sampleRelation(101, 'public.orders')], {
      grants: [grant('public.orders')],
    });
    expect([...access.relations.keys()]).toEqual([101]);
  });

  it('unites the operations of all grants that match', () => {
    const access = resolve([customers], {
      grants: [grant('public.cust*'), grant('*.customers', ['update'])],
    });
    expect(access.relations.get(100)?.operations).toEqual(new Set(['select', 'update']));
    expect(access.relations.get(100)?.origins).toEqual([origin]);
  });

  it('never grants system relations, foreign tables or sequences, whatever the pattern says', () => {
    const relations = [
      sampleRelation(1, 'pg_catalog.pg_authid', { system: true }),
      sampleRelation(2, 'public.remote', { kind: 'f' }),
      sampleRelation(3, 'public.customers_id_seq', { kind: 'S' }),
    ];
    const access = resolve(relations, { grants: [grant('*.*'), grant('pg_catalog.pg_authid')] });
    expect(refusalOf(access, 1)).toBeUndefined();
    expect(refusalOf(access, 2)).toBe('foreign-table');
    expect(refusalOf(access, 3)).toBeUndefined();
  });

  it('does not match a name that only contains the pattern', () => {
    const access = resolve([sampleRelation(5, 'public.customers_archive')], {
      grants: [grant('public.customers')],
    });
    expect(access.relations.size).toBe(0);
  });
});

describe('resolveAccess: masks', () => {
  it('takes the most restrictive of overlapping masks', () => {
    const access = resolve([customers], {
      grants: [grant('public.customers')],
      masks: [
        mask('public.customers.email', 'email'),
        mask('*.*.email', 'redact'),
        mask('public.*.name', 'name'),
      ],
    });
    expect(masksOf(access, 100)).toEqual({ name: 'name', email: 'redact' });
  });

  it('matches identifiers of text columns by default, nothing else, and as the policy says where it says', () => {
    const table = sampleRelation(100, 'public.t', {
      columns: [
        sampleColumn({ attnum: 1, name: 'email' }),
        sampleColumn({ attnum: 2, name: 'ssn' }),
        sampleColumn({ attnum: 3, name: 'phone', baseTypeName: 'pg_catalog.int8', typeCategory: 'N' }),
        sampleColumn({ attnum: 4, name: 'closed' }),
      ],
    });
    const access = resolve([table], {
      grants: [grant('public.t')],
      masks: [
        mask('public.t.email', 'email'),
        mask('public.t.ssn', 'ssn'),
        mask('public.t.phone', 'phone'),
        mask('public.t.closed', 'email', { match: 'none' }),
      ],
    });
    const masks = access.relations.get(100)?.masks;
    expect([1, 2, 3, 4].map((attnum) => masks?.get(attnum)?.matchEquality)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('says which masks need the value', () => {
    const access = resolve([customers], {
      grants: [grant('public.customers')],
      masks: [
        mask('public.customers.email', 'email'),
        mask('public.customers.ssn', 'null'),
        mask('public.customers.name', 'pseudonym'),
      ],
    });
    const needs = [...(access.relations.get(100)?.masks.values() ?? [])].filter((each) => each.needsValue);
    expect(needs.map((each) => each.column)).toEqual(['name', 'email']);
  });

  it('carries masks to partitions of partitions, and up to a parent that shows a masked child', () => {
    const relations = [
      sampleRelation(10, 'public.events', { kind: 'p', columns: ['id', 'body'] }),
      sampleRelation(11, 'public.events_2024', { kind: 'p', columns: ['body', 'id'], parents: [10] }),
      sampleRelation(12, 'archive.events_01', { columns: ['id', 'body', 'extra'], parents: [11] }),
    ];
    const grants = [grant('*.*')];
    const down = resolve(relations, { grants, masks: [mask('public.events.body', 'redact')] });
    expect([10, 11, 12].map((oid) => masksOf(down, oid))).toEqual([
      { body: 'redact' },
      { body: 'redact' },
      { body: 'redact' },
    ]);
    const up = resolve(relations, {
      grants,
      masks: [mask('archive.*.body', 'redact'), mask('archive.*.extra', 'redact')],
    });
    expect(masksOf(up, 10)).toEqual({ body: 'redact' });
    expect(masksOf(up, 12)).toEqual({ body: 'redact', extra: 'redact' });
  });

  it('redacts generated columns that are computed from a masked one and have no mask of their own', () => {
    const table = sampleRelation(20, 'public.t', {
      columns: [
        sampleColumn({ attnum: 1, name: 'email' }),
        sampleColumn({ attnum: 2, name: 'lowered', generatedFrom: [1] }),
        sampleColumn({ attnum: 3, name: 'shown', generatedFrom: [1] }),
        sampleColumn({ attnum: 4, name: 'other', generatedFrom: [] }),
      ],
    });
    const access = resolve([table], {
      grants: [grant('public.t')],
      masks: [mask('public.t.email', 'email'), mask('public.t.shown', 'email')],
    });
    expect(masksOf(access, 20)).toEqual({ email: 'email', lowered: 'redact', shown: 'email' });
    expect(access.relations.get(20)?.masks.get(2)?.matchEquality).toBe(false);
  });
});

describe('resolveAccess: views', () => {
  const view = (reads: CatalogRelation['reads'], columns = ['id', 'contact']): CatalogRelation =>
    sampleRelation(200, 'public.v', { kind: 'v', columns, reads });
  const grants = [grant('public.*')];
  const masks = [mask('public.customers.email', 'email')];

  it('refuses a view that reads a masked column and has columns without a mask', () => {
    const access = resolve([customers, view([{ oid: 100, columns: [1, 3] }])], { grants, masks });
    expect(refusalOf(access, 200)).toBe('view-reaches-masked');
    expect(refusalOf(access, 100)).toBeNull();
  });

  it('refuses it also when the view uses whole rows', () => {
    expect(refusalOf(resolve([customers, view([{ oid: 100, columns: null }])], { grants, masks }), 200)).toBe(
      'view-reaches-masked',
    );
  });

  it('refuses it although a column of the masked one’s name is masked, because another may carry the value', () => {
    const access = resolve([customers, view([{ oid: 100, columns: [1, 3] }], ['email', 'contact'])], {
      grants,
      masks: [...masks, mask('public.v.email', 'email')],
    });
    expect(refusalOf(access, 200)).toBe('view-reaches-masked');
  });

  it('accepts a view that reads only columns without masks, and one whose columns are all masked', () => {
    const open = resolve([customers, view([{ oid: 100, columns: [1, 2] }])], { grants, masks });
    expect(refusalOf(open, 200)).toBeNull();
    const covered = resolve([customers, view([{ oid: 100, columns: [3] }], ['contact'])], {
      grants,
      masks: [...masks, mask('public.v.contact', 'email')],
    });
    expect(refusalOf(covered, 200)).toBeNull();
    expect(masksOf(covered, 200)).toEqual({ contact: 'email' });
  });

  it('refuses a view that cannot be traced once the policy masks anything', () => {
    expect(refusalOf(resolve([customers, view(null)], { grants, masks }), 200)).toBe('view-untraceable');
    expect(refusalOf(resolve([customers, view(null)], { grants }), 200)).toBeNull();
  });

  it('refuses a view over a partition of a masked table', () => {
    const part = sampleRelation(101, 'public.part', { columns: ['id', 'email'], parents: [100] });
    expect(
      refusalOf(resolve([customers, part, view([{ oid: 101, columns: [2] }])], { grants, masks }), 200),
    ).toBe('view-reaches-masked');
  });

  it('refuses a view over a foreign table when anything is masked', () => {
    const remote = sampleRelation(101, 'public.remote', { kind: 'f' });
    expect(
      refusalOf(resolve([customers, remote, view([{ oid: 101, columns: [1] }])], { grants, masks }), 200),
    ).toBe('view-untraceable');
  });
});

describe('resolveAccess: fingerprint', () => {
  const base = { grants: [grant('public.customers')], masks: [mask('public.customers.email', 'email')] };

  it('is the same for the same content, whoever brought it and in whatever order', () => {
    const one = resolve([customers, sampleRelation(101, 'public.orders')], base);
    const other = resolve([sampleRelation(101, 'public.orders'), customers], {
      grants: [{ ...grant('public.*omers'), origin: { policy: 'other', version: 9 } }],
      masks: base.masks.map((each) => ({ ...each, origin: { policy: 'other', version: 9 } })),
    });
    expect(one.fingerprint).toMatch(/^[0-9a-f]{32}$/);
    expect(other.fingerprint).toBe(one.fingerprint);
  });

  it('changes with operations, masks, columns and OIDs', () => {
    const variants = [
      resolve([customers], base),
      resolve([customers], { ...base, grants: [grant('public.customers', ['select', 'delete'])] }),
      resolve([customers], { ...base, masks: [mask('public.customers.email', 'redact')] }),
      resolve([customers], { ...base, masks: [mask('public.customers.email', 'email', { match: 'none' })] }),
      resolve(
        [sampleRelation(100, 'public.customers', { columns: ['id', 'name', 'email', 'ssn', 'new'] })],
        base,
      ),
      resolve([{ ...customers, oid: 900 }], base),
    ];
    expect(new Set(variants.map((access) => access.fingerprint)).size).toBe(variants.length);
  });
});

describe('resolveAccessWithWarnings', () => {
  it('names masks and grants that match nothing', () => {
    const { warnings } = resolveAccessWithWarnings(
      policy({
        grants: [grant('public.customers'), grant('public.missing')],
        masks: [mask('public.customers.emial', 'email'), mask('public.customers.email', 'email')],
      }),
      sampleCatalog([customers]),
    );
    expect(warnings.map((warning) => warning.rule)).toEqual([
      'mask-matches-nothing',
      'grant-matches-nothing',
    ]);
    expect(warnings[0]?.message).toContain('public.customers.emial');
  });
});

describe('resolveAccess: what the agent may not grant', () => {
  it('withholds operations that the agent’s role cannot pass on, and keeps the others', () => {
    const table = sampleRelation(100, 'public.t', { ungrantable: ['delete', 'update'] });
    const access = resolve([table], { grants: [grant('public.t', ['select', 'update'])] });
    expect(access.relations.get(100)?.operations).toEqual(new Set(['select']));
    expect(access.relations.get(100)?.withheld).toEqual(new Set(['update']));
  });
});

describe('resolveAccess: columns that are added later', () => {
  const maskable = (access: ResolvedAccess): readonly number[] =>
    [...access.relations.values()].filter(({ columnwise }) => columnwise === true).map(({ oid }) => oid);
  const relations = [
    sampleRelation(1, 'public.open'),
    sampleRelation(2, 'public.named'),
    sampleRelation(3, 'sales.child', { parents: [4] }),
    sampleRelation(4, 'public.parent', { kind: 'p' }),
    sampleRelation(5, 'public.sibling', { parents: [4] }),
    sampleRelation(6, 'public.v', { kind: 'v', reads: [] }),
  ];
  const grants = [grant('*.*')];

  it('grants tables column by column that a mask names, their whole families, and views', () => {
    const masks = [mask('public.named.later', 'email'), mask('sales.*.secret', 'redact')];
    expect(maskable(resolve(relations, { grants, masks }))).toEqual([2, 3, 4, 5, 6]);
  });

  it('grants whole tables where no mask can come to hold', () => {
    expect(maskable(resolve(relations, { grants }))).toEqual([]);
  });
});
