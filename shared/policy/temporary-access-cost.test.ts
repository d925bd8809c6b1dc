import { expect, it, vi } from 'vitest';
import { parsePattern } from './pattern.ts';
import { findExcess, parseTemporaryAccess } from './temporary-access.ts';

vi.mock('./pattern.ts', { spy: true });

const columns = Array.from({ length: 500 }, (_, at) => ({ column: `public.customers.c${at}` }));

it('compares 500 columns with 500 others by reading each pattern once, however often', () => {
  const asked = parseTemporaryAccess({ unmask: columns });
  const same = parseTemporaryAccess({ unmask: columns.toReversed() });
  const fewer = parseTemporaryAccess({ unmask: columns.slice(0, 499) });
  vi.mocked(parsePattern).mockClear();
  for (let round = 0; round < 10; round += 1) {
    expect([findExcess(asked, same), findExcess(asked, fewer), findExcess(fewer, asked)]).toEqual([
      null,
      'unmask[499]',
      null,
    ]);
  }
  expect(vi.mocked(parsePattern)).toHaveBeenCalledTimes(500 + 500 + 499);
});
