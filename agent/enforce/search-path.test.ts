import { describe, expect, it } from 'vitest';
import { parseSearchPath } from './search-path.ts';

const schemas = new Set(['public', 'Odd, "x"', 'sales', 'pg_catalog']);

describe('parseSearchPath', () => {
  it.each([
    ['"$user", public', ['public']],
    ['Sales,"Odd, ""x""" , public', ['sales', 'Odd, "x"', 'public']],
    ['pg_catalog, public, public, missing', ['public']],
    ['', []],
    ['""', []],
  ])('reads %s', (setting, path) => {
    expect(parseSearchPath(setting, schemas)).toEqual(path);
  });

  it('gives an empty path for what it cannot read', () => {
    expect(parseSearchPath('public, "sales', schemas)).toEqual([]);
  });
});
