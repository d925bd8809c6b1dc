import { encodeDataRow } from '@daam/shared/pgwire/data-row';
import { describe, expect, it } from 'vitest';
import { typeKind, typeName } from './column-types.ts';
import { exportName } from './export-file.ts';
import { MaskMemory } from './mask-memory.ts';
import { planText } from './plan-text.ts';
import { policyWords, readPolicyChange } from './policy-words.ts';
import { describeColumns, readMetadata } from './result-columns.ts';
import { cellsOf } from './row-cells.ts';
import { RowEnds } from './row-ends.ts';

const bodyOf = (values: readonly (string | null)[]): Buffer =>
  encodeDataRow(values.map((value) => (value === null ? null : Buffer.from(value)))).subarray(5);

describe('a row in the spool', () => {
  it('is read as it came', () => {
    const values = ['a', null, '', 'é👩'];
    expect(cellsOf(bodyOf(values)).map((cell) => cell?.toString() ?? null)).toEqual(values);
  });

  it('that was cut or changed anywhere fails with a code', () => {
    const body = bodyOf(['one', null, 'three']);
    for (let length = 2; length < body.length; length += 1) {
      expect(() => cellsOf(body.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }),
      );
    }
    const longer = Buffer.concat([body, Buffer.from([0])]);
    expect(() => cellsOf(longer)).toThrow(expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }));
    const negative = Buffer.from(body);
    negative.writeInt32BE(-7, 2);
    expect(() => cellsOf(negative)).toThrow(expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }));
  });

  it('is found by where it ends, over any number of pieces', () => {
    const ends = new RowEnds();
    for (let row = 1; row <= 200_000; row += 1) ends.add(row * 10);
    expect([ends.length, ends.start(0), ends.start(1), ends.start(65_537), ends.start(200_000)]).toEqual([
      200_000, 0, 10, 655_370, 2_000_000,
    ]);
    expect(ends.within(100, 200_000, 95)).toBe(109);
    expect(ends.within(100, 200_000, 1)).toBe(101);
    expect(ends.within(199_999, 200_000, 1_000)).toBe(200_000);
  });
});

describe('the columns of a result', () => {
  const wire = (name: string) => ({
    name,
    tableOid: 0,
    columnNumber: 0,
    typeOid: 25,
    typeSize: -1,
    typeModifier: -1,
    format: 0,
  });
  const mask = {
    schema: 'public',
    table: 'customers',
    column: 'email',
    preset: 'email',
    match: 'none',
    policy: 'analyst',
    version: 3,
  };
  const detail = (columns: unknown): string => JSON.stringify({ index: 0, degraded: false, columns });

  it('show what the agent said of each', () => {
    const said = readMetadata(
      detail([null, { kind: 'masked', masks: [mask] }, { kind: 'derived', masks: [mask, mask] }]),
    );
    const columns = describeColumns([wire('id'), wire('email'), wire('x')], said);
    expect(columns.map(({ shows, relation }) => [shows, relation])).toEqual([
      ['plain', null],
      ['masked', 'public.customers'],
      ['derived', null],
    ]);
    expect(columns[1]?.masks[0]).toMatchObject({
      relation: 'public.customers',
      column: 'email',
      policy: 'analyst',
      version: 3,
    });
  });

  it.each([
    ['nothing was said', undefined],
    ['it was about other columns', detail([null])],
    ['they were too many to be told', detail(null)],
    ['it cannot be read', '{"columns": 7}'],
    ['it is no JSON', 'masked'],
  ])('are never called plain when %s', (_, said) => {
    const columns = describeColumns([wire('a'), wire('b')], readMetadata(said));
    expect(columns.map(({ shows }) => shows)).toEqual(['unknown', 'unknown']);
  });

  it('have types as PostgreSQL writes them', () => {
    expect([
      typeName(1700, ((10 << 16) | 2) + 4),
      typeName(1043, 44),
      typeName(1184, 3),
      typeName(1007, -1),
      typeName(1231, ((5 << 16) | 1) + 4),
      typeName(99_999, -1),
    ]).toEqual([
      'numeric(10,2)',
      'character varying(40)',
      'timestamp(3) with time zone',
      'integer[]',
      'numeric(5,1)[]',
      'type 99999',
    ]);
    expect([typeKind(20), typeKind(1016), typeKind(3802), typeKind(99_999)]).toEqual([
      'number',
      'array',
      'json',
      'other',
    ]);
  });
});

describe('words for people', () => {
  const change = {
    before: [{ policy: 'analyst', version: 12 }],
    after: [{ policy: 'analyst', version: 13 }],
    masked: [],
    unmasked: [],
    lost: [],
    gained: [],
    isCut: false,
  };
  const column = (name: string) => ({ schema: 'public', table: 't', column: name });

  it.each([
    [change, 'analyst v12 → v13.'],
    [{ ...change, masked: [column('phone'), column('phone')] }, 'analyst v12 → v13: phone is now masked.'],
    [
      { ...change, unmasked: ['a', 'b', 'c', 'd'].map(column) },
      'analyst v12 → v13: a, b, c and 1 more are no longer masked.',
    ],
    [
      { ...change, after: [], lost: [{ schema: 'public', table: 'hr' }] },
      'analyst no longer applies: hr is no longer granted.',
    ],
    [
      { ...change, after: change.before, gained: [{ schema: 'public', table: 'hr' }] },
      'Your access changed: hr is now granted.',
    ],
  ])('say what a policy changed', (given, words) => {
    expect(policyWords(readPolicyChange(JSON.stringify(given)) ?? change)).toBe(words);
  });

  it('do not come from what cannot be read', () => {
    expect([undefined, '', '{}', '[1]'].map((text) => readPolicyChange(text))).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it('name a file without anything that a name could smuggle in', () => {
    const at = new Date('2026-11-21T09:58:13Z');
    expect(exportName(['orders', 'refunds by country'], at)).toBe(
      'orders-refunds-by-country-2026-11-21T0958',
    );
    expect(exportName(['../../etc', '/passwd\u0000.sh', '…'], at)).toBe('etc-passwd-sh-2026-11-21T0958');
  });

  it('tell a plan, and give back what is none', () => {
    const plan = [
      {
        Plan: {
          'Node Type': 'Sort',
          'Sort Key': ['a'],
          Plans: [{ 'Node Type': 'Seq Scan', 'Relation Name': 't', Alias: 'x', Filter: '(a > 1)' }],
        },
        'Execution Time': 2,
      },
    ];
    expect(planText(JSON.stringify(plan))).toBe(
      'Sort\n  Sort Key: a\n  -> Seq Scan on t x\n       Filter: "(a > 1)"\nExecution Time: 2',
    );
    expect(planText('no plan')).toBe('no plan');
  });
});

it('remembers masks, and the oldest no more than it can hold', () => {
  const memory = new MaskMemory();
  memory.add(['n***@e***.com']);
  expect([memory.has('n***@e***.com'), memory.has('x')]).toEqual([true, false]);
  memory.add(Array.from({ length: 50_000 }, (_, index) => `mask ${index}`));
  expect([memory.has('n***@e***.com'), memory.has('mask 49999')]).toEqual([false, true]);
  memory.clear();
  expect(memory.has('mask 49999')).toBe(false);
});
