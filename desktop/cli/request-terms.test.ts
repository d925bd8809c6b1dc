import { parseTemporaryAccess } from '@daam/shared/policy/temporary-access';
import { describe, expect, it } from 'vitest';
import { UsageError } from './command.ts';
import { termsOf } from './request-terms.ts';

describe('the terms of a request on the command line', () => {
  it('name a policy, or tables, columns and levels, and for how long', () => {
    expect(termsOf({ values: { policy: 'support', for: '8h' } })).toEqual({
      policy: 'support',
      minutes: 480,
    });
    const { access, ...rest } = termsOf({
      values: {
        tables: 'public.payments',
        columns: 'id, total',
        unmask: 'public.customers.email,public.customers.phone=phone,public.customers.ssn=partial(0/4)',
        for: '90m',
        at: '2030-01-31T08:00:00+01:00',
      },
    });
    expect(rest).toEqual({ minutes: 90, startAt: '2030-01-31T07:00:00.000Z' });
    expect(parseTemporaryAccess(access)).toEqual({
      tables: [{ table: 'public.payments', operations: ['select'], columns: ['id', 'total'] }],
      masks: [],
      unmask: [
        { column: 'public.customers.email', to: 'none' },
        { column: 'public.customers.phone', to: 'phone' },
        { column: 'public.customers.ssn', to: 'partial', prefix: 0, suffix: 4 },
      ],
    });
  });

  it('are nothing where nothing is said', () => {
    expect(termsOf({ values: {} })).toEqual({});
  });

  it.each([
    { policy: 'support', tables: 'public.a' },
    { columns: 'id' },
    { tables: 'public.a,public.b', columns: 'id' },
    { tables: 'public.a,,public.b' },
    { for: '90s' },
    { for: 'long' },
    { at: 'tomorrow' },
  ])('that make no sense are wrong usage: %o', (values) => {
    expect(() => termsOf({ values })).toThrow(UsageError);
  });
});
