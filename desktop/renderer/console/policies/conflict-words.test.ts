import type { MergeConflict } from '@daam/shared/api/policies';
import { describe, expect, it } from 'vitest';
import { placeWords, sideWords, tableOf } from './conflict-words.ts';

const conflict = (changes: Partial<MergeConflict>): MergeConflict => ({
  policy: 'support',
  part: 'masks',
  key: 'public.customers.email',
  base: null,
  mine: null,
  theirs: null,
  ...changes,
});

describe('a conflict in words', () => {
  it('says what each side would have hold', () => {
    const masks = conflict({ base: [{ preset: 'email' }], mine: [{ preset: 'null', match: 'equality' }] });
    expect([sideWords(masks, 'base'), sideWords(masks, 'mine'), sideWords(masks, 'theirs')]).toEqual([
      'email',
      'hidden, match equality',
      'clear',
    ]);
    const grants = conflict({ part: 'grants', key: 'public.customers', base: ['select', 'update'] });
    expect([sideWords(grants, 'base'), sideWords(grants, 'mine')]).toEqual([
      'select, update',
      'nothing granted',
    ]);
    const rows = conflict({
      part: 'rowFilters',
      key: 'public.customers',
      mine: [[{ column: 'region', operator: '=', value: 'eu' }]],
    });
    expect([sideWords(rows, 'base'), sideWords(rows, 'mine')]).toEqual([
      'all rows',
      'rows where region = eu',
    ]);
    expect(sideWords(conflict({ part: 'limits', key: 'maxRows', mine: 10 }), 'mine')).toBe('10');
    expect(sideWords(conflict({ part: 'users', key: 'dev@example.com', mine: true }), 'mine')).toBe(
      'assigned',
    );
    expect(sideWords(conflict({ part: 'policy', key: '' }), 'theirs')).toBe('not there');
  });

  it('stands with what else is of its table', () => {
    expect([tableOf(conflict({})), placeWords(conflict({}))]).toEqual([
      'support · public.customers',
      'mask of email',
    ]);
    const grants = conflict({ part: 'grants', key: 'public.customers' });
    expect([tableOf(grants), placeWords(grants)]).toEqual(['support · public.customers', 'operations']);
    const limit = conflict({ part: 'limits', key: 'maxRows' });
    expect([tableOf(limit), placeWords(limit)]).toEqual(['support', 'limit maxRows']);
  });
});
