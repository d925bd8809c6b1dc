import type { RelationAccess, ResolvedAccess } from '@daam/shared/sql/access';
import { describe, expect, it } from 'vitest';
import { withinScope } from './scope.ts';

function relation(oid: number, schema: string, name: string): [number, RelationAccess] {
  return [
    oid,
    {
      oid,
      schema,
      name,
      operations: new Set(['select']),
      masks: new Map(),
      rowFilter: null,
      origins: [],
      refusal: null,
    },
  ];
}

const access: ResolvedAccess = {
  fingerprint: 'f'.repeat(32),
  relations: new Map([relation(1, 'public', 'a'), relation(2, 'sales', 'b'), relation(3, 'sales', 'c')]),
  limits: {},
  policies: [],
};

describe('withinScope', () => {
  it('changes nothing where there is no scope, or where everything is within it', () => {
    expect(withinScope(access, null)).toBe(access);
    expect(withinScope(access, [{ schema: '*', table: '*' }])).toBe(access);
  });

  it('keeps only what a pattern names, and gets group roles of its own', () => {
    const narrowed = withinScope(access, [{ schema: 'sales', table: 'b*' }]);
    expect([...narrowed.relations.keys()]).toEqual([2]);
    expect(narrowed.fingerprint).not.toBe(access.fingerprint);
    expect(narrowed.fingerprint).toMatch(/^[0-9a-f]{32}$/);
  });

  it('an empty scope leaves nothing', () => {
    expect(withinScope(access, []).relations.size).toBe(0);
  });
});
