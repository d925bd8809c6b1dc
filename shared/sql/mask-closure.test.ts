import { describe, expect, it } from 'vitest';
import type { EffectiveMask, EffectivePolicy } from '../policy/effective-policy.ts';
import { sampleCatalog, sampleRelation } from '../testing/catalog-samples.ts';
import { sampleColumn } from '../testing/mask-samples.ts';
import type { CatalogRelation, ColumnAddress, ViewCondition, ViewLineage } from './catalog.ts';
import { closeMasks } from './mask-closure.ts';
import { resolveAccess } from './resolve-access.ts';

const origin = { policy: 'p', version: 1 };

function mask(
  path: string,
  preset: EffectiveMask['preset'],
  over: Partial<EffectiveMask> = {},
): EffectiveMask {
  const [table = '', column = ''] = path.split('.');
  return { schema: 'public', table, column, preset, origin, ...over };
}

function policy(masks: readonly EffectiveMask[]): EffectivePolicy {
  const grants = [{ schema: '*', table: '*', operations: ['select' as const], origin }];
  return { database: 'shop', grants, masks, rowFilters: [], limits: {}, policies: [origin] };
}

const at = (oid: number, attnum: number): ColumnAddress => ({ oid, attnum });

/** A view by what each of its columns copies (`=oid.attnum`) or is computed from (`oid.attnum`). */
function view(
  oid: number,
  name: string,
  columns: Readonly<Record<string, readonly string[]>>,
  over: { readonly conditions?: readonly ViewCondition[]; readonly invokerRights?: boolean } = {},
): CatalogRelation {
  const address = (text: string): ColumnAddress => {
    const [relation = '', attnum = ''] = text.replace('=', '').split('.');
    return at(Number(relation), Number(attnum));
  };
  const all = Object.values(columns).flat();
  const { conditions = [], invokerRights = false } = over;
  const lineage: ViewLineage = {
    columns: new Map(
      Object.values(columns).map((sources, index) => [
        index + 1,
        {
          copies: sources.filter((source) => source.startsWith('=')).map(address),
          computedFrom: sources.filter((source) => !source.startsWith('=')).map(address),
        },
      ]),
    ),
    conditions,
    sources: [
      ...new Set([...all.map(address), ...conditions.map(({ column }) => column)].map((each) => each.oid)),
    ],
  };
  return sampleRelation(oid, `public.${name}`, {
    kind: 'v',
    columns: Object.keys(columns),
    reads: [],
    lineage,
    invokerRights,
  });
}

const people = sampleRelation(1, 'public.people', { columns: ['id', 'email', 'ssn'] });

function masksOf(relations: readonly CatalogRelation[], masks: readonly EffectiveMask[], oid: number) {
  const found = closeMasks(policy(masks), sampleCatalog(relations)).get(oid);
  return Object.fromEntries([...(found?.values() ?? [])].map(({ column, preset }) => [column, preset]));
}

function refusalOf(relations: readonly CatalogRelation[], masks: readonly EffectiveMask[], oid: number) {
  return resolveAccess(policy(masks), sampleCatalog(relations)).relations.get(oid)?.refusal ?? null;
}

describe('closeMasks', () => {
  it('follows copies through views and foreign keys, and from there to generated columns and on', () => {
    const letters = sampleRelation(2, 'public.letters', {
      columns: [
        sampleColumn({ attnum: 1, name: 'recipient' }),
        sampleColumn({ attnum: 2, name: 'domain', generatedFrom: [1] }),
      ],
      foreignKeys: [{ columns: [1], references: 1, referenced: [2], onDelete: null, onUpdate: null }],
    });
    const relations = [
      view(4, 'w', { d: ['=3.1'] }),
      view(3, 'v', { d: ['=2.2'], r: ['=2.1'] }),
      letters,
      people,
    ];
    const masks = [mask('people.email', 'email')];
    expect(masksOf(relations, masks, 2)).toEqual({ recipient: 'email', domain: 'redact' });
    expect(masksOf(relations, masks, 3)).toEqual({ d: 'redact', r: 'email' });
    expect(masksOf(relations, masks, 4)).toEqual({ d: 'redact' });
  });

  it('takes the most restrictive of the masks that come together under UNION ALL, and of the view’s own', () => {
    const union = view(3, 'v', { x: ['=1.2', '=1.3'] });
    expect(masksOf([people, union], [mask('people.email', 'email')], 3)).toEqual({ x: 'email' });
    expect(masksOf([people, union], [mask('people.email', 'email'), mask('people.ssn', 'ssn')], 3)).toEqual({
      x: 'ssn',
    });
    expect(masksOf([people, union], [mask('people.email', 'email'), mask('v.x', 'null')], 3)).toEqual({
      x: 'null',
    });
  });

  it('does not carry a view’s mask back to its table', () => {
    expect(masksOf([people, view(3, 'v', { x: ['=1.2'] })], [mask('v.x', 'redact')], 1)).toEqual({});
  });
});

describe('views that are refused', () => {
  const masks = [mask('people.email', 'email'), mask('people.ssn', 'ssn')];
  const where = (
    column: ColumnAddress,
    asks: ViewCondition['asks'] = 'anything',
  ): readonly ViewCondition[] => [{ column, through: 'WHERE', asks }];

  it('are those that compute from a masked column, at any depth, unless the result has a mask of its own', () => {
    const relations = [
      people,
      view(3, 'v', { id: ['=1.1'], loud: ['1.2'] }),
      view(4, 'w', { loud: ['=3.2'], id: ['=3.1'] }),
    ];
    expect(refusalOf(relations, masks, 3)?.rule).toBe('view-reaches-masked');
    expect(refusalOf(relations, masks, 4)?.message).toContain('public.people.email');
    const own = [...masks, mask('v.loud', 'redact')];
    expect(refusalOf(relations, own, 3)).toBeNull();
    expect(masksOf(relations, own, 4)).toEqual({ loud: 'redact' });
    expect(refusalOf(relations, own, 4)).toBeNull();
  });

  it('are not those that only leave such a column of another view aside', () => {
    const relations = [people, view(3, 'v', { id: ['=1.1'], loud: ['1.2'] }), view(4, 'w', { id: ['=3.1'] })];
    expect(refusalOf(relations, masks, 4)).toBeNull();
  });

  it('are those that use a whole row of a masked table', () => {
    expect(refusalOf([people, view(3, 'v', { doc: ['1.0'] })], masks, 3)?.rule).toBe('view-reaches-masked');
  });

  it('are those whose rows depend on a masked column, whatever masks their columns have, and views over them', () => {
    const filtered = view(3, 'v', { id: ['=1.1'] }, { conditions: where(at(1, 3)) });
    const relations = [people, filtered, view(4, 'w', { id: ['=3.1'] })];
    const own = [...masks, mask('v.id', 'null'), mask('w.id', 'null')];
    expect(refusalOf(relations, own, 3)?.message).toContain('public.people.ssn in WHERE');
    expect(refusalOf(relations, own, 4)?.message).toContain('public.people.ssn in WHERE');
  });

  it('are not those that ask no more than a match may', () => {
    const relations = (asks: ViewCondition['asks'], attnum: number) => [
      people,
      view(3, 'v', { id: ['=1.1'] }, { conditions: where(at(1, attnum), asks) }),
    ];
    expect(refusalOf(relations('is null', 2), masks, 3)).toBeNull();
    expect(refusalOf(relations('is null', 3), masks, 3)?.rule).toBe('view-reaches-masked');
    expect(refusalOf(relations({ equals: at(1, 2) }, 2), masks, 3)).toBeNull();
    // the other side is open, so that it shows the value; or masked otherwise
    expect(refusalOf(relations({ equals: at(1, 1) }, 2), masks, 3)?.rule).toBe('view-reaches-masked');
    const named = [mask('people.email', 'email'), mask('people.ssn', 'name')];
    expect(refusalOf(relations({ equals: at(1, 3) }, 2), named, 3)?.rule).toBe('view-reaches-masked');
    const closed = [mask('people.email', 'email', { match: 'none' })];
    expect(refusalOf(relations('is null', 2), closed, 3)?.rule).toBe('view-reaches-masked');
  });

  it('are security_invoker views over masked columns, and views over those', () => {
    const invoker = view(3, 'v', { id: ['=1.1'], email: ['=1.2'] }, { invokerRights: true });
    const relations = [people, invoker, view(4, 'w', { id: ['=3.1'] })];
    expect(refusalOf(relations, masks, 3)?.rule).toBe('view-invoker-rights');
    expect(refusalOf(relations, masks, 4)?.rule).toBe('view-invoker-rights');
    expect(refusalOf(relations, [mask('people.ssn', 'ssn')], 3)).toBeNull();
  });

  it('are views that are defined by way of themselves or read what is not known', () => {
    const loop = [people, view(3, 'v', { x: ['=4.1'] }), view(4, 'w', { x: ['=3.1'] })];
    expect(refusalOf(loop, masks, 3)?.rule).toBe('view-untraceable');
    expect(refusalOf([people, view(3, 'v', { x: ['=99.1'] })], masks, 3)?.rule).toBe('view-untraceable');
  });
});

describe('what somebody makes to keep the judge busy', () => {
  const depth = 4_000;
  const masks = [mask('people.email', 'email')];
  /** Each reads both columns of the one before: twice as many ways at every step. */
  const chain = (over: { readonly invokerRights?: boolean } = {}, bottom = '1.1') =>
    Array.from({ length: depth }, (_, at) => {
      const both = at === 0 ? [bottom, '1.3'] : [`${9 + at}.1`, `${9 + at}.2`];
      return view(10 + at, `v${at}`, { a: both, b: both }, over);
    });

  it('is judged in time: views over views that each use two columns of the one before', () => {
    expect(refusalOf([people, ...chain()], masks, 9 + depth)).toBeNull();
    const refusal = refusalOf([people, ...chain({}, '1.2')].toReversed(), masks, 9 + depth);
    expect(refusal?.rule).toBe('view-reaches-masked');
    expect(refusal?.message).toContain('public.people.email');
  });

  it('is judged in time: the same with the rights of whoever asks, and sources that are named again and again', () => {
    const repeated = chain({ invokerRights: true }).map((each) => ({
      ...each,
      lineage: each.lineage && {
        ...each.lineage,
        sources: each.lineage.sources.flatMap((oid) => [oid, oid]),
      },
    }));
    expect(refusalOf([people, ...repeated], masks, 9 + depth)).toBeNull();
    const hidden = [mask('people.ssn', 'ssn')];
    expect(refusalOf([people, ...repeated], hidden, 9 + depth)?.rule).toBe('view-reaches-masked');
    expect(refusalOf([people, ...repeated], [...hidden, mask('v*.*', 'redact')], 9 + depth)?.rule).toBe(
      'view-invoker-rights',
    );
  });

  it('is told with a reason that does not grow with the depth', () => {
    const lost = { ...view(9, 'lost', { a: ['1.1'] }), reads: null, lineage: null };
    const over = Array.from({ length: depth }, (_, at) => view(10 + at, `v${at}`, { a: [`=${9 + at}.1`] }));
    const refusal = refusalOf([people, lost, ...over], masks, 9 + depth);
    expect(refusal?.rule).toBe('view-untraceable');
    expect(refusal?.message.length).toBeLessThan(300);
    expect(refusal?.message).toContain('public.lost');
  });

  it('gets its masks in time, whatever the order: copies of copies, parents named often, and generated columns in a row', () => {
    const copies = Array.from({ length: depth }, (_, at) =>
      view(10 + at, `v${at}`, { a: [at === 0 ? '=1.2' : `=${9 + at}.1`] }),
    ).toReversed();
    const columns = Array.from({ length: 1_000 }, (_, at) =>
      sampleColumn({ attnum: at + 2, name: `g${at}`, generatedFrom: at === 999 ? [1] : [at + 3] }),
    );
    const child = sampleRelation(2, 'public.child', {
      columns: [sampleColumn({ attnum: 1, name: 'email' }), ...columns],
      parents: Array.from({ length: 1_000 }, () => 1),
    });
    const all = [...copies, child, people];
    expect(masksOf(all, masks, 9 + depth)).toEqual({ a: 'email' });
    expect(masksOf(all, masks, 2)).toMatchObject({ email: 'email', g999: 'redact', g0: 'redact' });
  });

  it('counts a column that is made by way of itself as hidden', () => {
    const loop = view(3, 'v', { a: ['4.1'] });
    const back = view(4, 'w', { a: ['3.1'] });
    const lineage = loop.lineage && { ...loop.lineage, sources: [1] };
    expect(refusalOf([people, { ...loop, lineage }, back], masks, 3)?.rule).toBe('view-reaches-masked');
    expect(refusalOf([people, loop, back], masks, 4)?.rule).toBe('view-untraceable');
  });
});
