import { AppError } from '@daam/shared/errors/app-error';
import { describe, expect, it } from 'vitest';
import { upstreamFailure } from './upstream-failure.ts';

const failed = (code: string, message = 'password authentication failed for user "secret"'): Error =>
  Object.assign(new Error(message), { code });

describe('why the database was not reached', () => {
  it.each([
    ['28P01', 'UPSTREAM_AUTH_FAILED', 'user or password'],
    ['3D000', 'UPSTREAM_UNAVAILABLE', 'no database of this name'],
    ['ECONNREFUSED', 'UPSTREAM_UNAVAILABLE', 'Nothing listens'],
    ['ENOTFOUND', 'UPSTREAM_UNAVAILABLE', 'not known'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'UPSTREAM_UNAVAILABLE', 'certificate does not verify'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UPSTREAM_UNAVAILABLE', 'certificate does not verify'],
  ])('%s is told as %s in our own words', (code, known, word) => {
    const told = upstreamFailure(failed(code));
    expect([told.code, told.message.includes(word), told.message.includes('secret')]).toEqual([
      known,
      true,
      false,
    ]);
    const wrapped = new AppError('UPSTREAM_UNAVAILABLE', { cause: failed(code) });
    expect(upstreamFailure(wrapped)).toEqual(told);
  });

  it('tells our own errors with their hint, and of others nothing but that it failed', () => {
    const missing = new AppError('UPSTREAM_AUTH_FAILED', {
      message: 'The agent may not create roles on the database.',
      hint: 'Run: ALTER ROLE "daam" CREATEROLE',
      detail: 'never shown',
    });
    expect(upstreamFailure(missing)).toEqual({
      code: 'UPSTREAM_AUTH_FAILED',
      message: 'The agent may not create roles on the database. Run: ALTER ROLE "daam" CREATEROLE',
    });
    for (const strange of [failed('XX000', 'row 17 is secret'), new TypeError('secret'), 'secret', null]) {
      const told = upstreamFailure(strange);
      expect([told.code, told.message.includes('secret')]).toEqual(['UPSTREAM_UNAVAILABLE', false]);
    }
  });
});
