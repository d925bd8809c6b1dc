import { describe, expect, it } from 'vitest';
import { catalogOf, columns, relation } from '../testing/catalog.ts';
import type { Vouch } from '../policy/bundle.ts';
import { resolveVouched, vouchable } from './vouched.ts';

const hash = (digit: string): string => digit.repeat(64);
const code = {
  oid: 7,
  schema: 'public',
  name: 'f',
  securityDefiner: true,
  kind: 'f',
  parameters: 'integer',
} as const;
const table = relation(1, 'public.t', {
  columns: columns('id:int4'),
  triggers: [{ oid: 9, name: 'touch', events: ['update'], sourceHash: hash('b') }],
});
const catalog = catalogOf(18, [table], {
  userFunctions: new Map([['f', [{ ...code, sourceHash: hash('a') }]]]),
});
const vouched: readonly Vouch[] = [
  { kind: 'function', oid: 7, sourceHash: hash('a'), name: 'f' },
  { kind: 'trigger', oid: 9, sourceHash: hash('b'), name: 'touch' },
];

describe('vouching', () => {
  it('holds for the function and the trigger with that OID and that hash', () => {
    const held = resolveVouched(vouched, catalog);
    expect([...held.functions, ...held.triggers]).toEqual([7, 9]);
  });

  it('ends when the code is another', () => {
    const changed = vouched.map((vouch) => ({ ...vouch, sourceHash: hash('c') }));
    expect(resolveVouched(changed, catalog)).toEqual({ functions: new Set(), triggers: new Set() });
  });

  it('is for one kind: a function does not stand for a trigger with its OID', () => {
    const swapped: readonly Vouch[] = [{ kind: 'trigger', oid: 7, sourceHash: hash('a'), name: 'f' }];
    expect(resolveVouched(swapped, catalog).triggers.size).toBe(0);
  });

  it('does not hold for code that has no hash', () => {
    const unhashed = catalogOf(18, [table], { userFunctions: new Map([['f', [code]]]) });
    expect(resolveVouched(vouched, unhashed).functions.size).toBe(0);
  });

  it('lists what can be vouched for, as it can be given back', () => {
    expect(vouchable(catalog)).toEqual([
      { kind: 'function', oid: 7, sourceHash: hash('a'), name: 'public.f(integer)' },
      { kind: 'trigger', oid: 9, sourceHash: hash('b'), name: 'touch on public.t' },
    ]);
  });
});
