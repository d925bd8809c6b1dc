import type { SessionEffect } from '@daam/shared/sql/verdict';
import { describe, expect, it } from 'vitest';
import { Names } from './names.ts';

const begin: SessionEffect = { kind: 'begin' };
const commit: SessionEffect = { kind: 'commit' };
const rollback: SessionEffect = { kind: 'rollback' };
const set = (path: string, local = false): SessionEffect => ({
  kind: 'set-search-path',
  path: [path],
  local,
});

/** The path after these effects. */
function pathAfter(...effects: readonly SessionEffect[]): readonly string[] {
  const names = new Names({ searchPath: ['public'], isDefaultPath: true, elevationAvailable: () => true });
  for (const effect of effects) names.apply(effect);
  return names.searchPath;
}

describe('the search path of a session', () => {
  it.each([
    ['is what SET says', [set('a')], 'a'],
    ['outlives COMMIT', [begin, set('a'), commit], 'a'],
    ['is taken back by ROLLBACK', [set('a'), begin, set('b'), rollback], 'a'],
    ['is what SET LOCAL says until the end', [begin, set('a', true)], 'a'],
    ['ends with COMMIT when it was local', [begin, set('a', true), commit], 'public'],
    [
      'is the session’s again after SET, SET LOCAL and COMMIT',
      [begin, set('a'), set('b', true), commit],
      'a',
    ],
    ['does not heed SET LOCAL outside of a transaction block', [set('a', true)], 'public'],
    ['goes on in the transaction after a second BEGIN', [begin, set('a'), begin, rollback], 'public'],
    ['is the default after DISCARD ALL', [set('a'), { kind: 'discard', what: 'all' }], 'public'],
  ] as const)('%s', (_, effects, path) => {
    expect(pathAfter(...effects)).toEqual([path]);
  });
});
