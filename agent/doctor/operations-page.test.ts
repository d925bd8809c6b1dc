import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkNames } from './check-names.ts';

describe('docs/operations.md', () => {
  it('explains every check of the doctor, and none that does not exist', () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'operations.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `([a-z0-9-]+)` \| (?:critical|warning|info)/gm)].map(
      ([, name]) => name ?? '',
    );
    expect(rows.toSorted()).toEqual([...checkNames].toSorted());
  });
});
