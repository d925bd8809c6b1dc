import { AppError } from '@daam/shared/errors/app-error';
import { describe, expect, it } from 'vitest';
import { admitStartupParameters } from './startup-parameters.ts';

const pinned = { searchPath: ['public'], schemas: new Set(['public', 'sales', 'Odd "one"']) };

function admit(parameters: Record<string, string>): ReturnType<typeof admitStartupParameters> {
  return admitStartupParameters(
    new Map(Object.entries({ user: 'dev', database: 'shop', ...parameters })),
    pinned,
  );
}

function refusal(parameters: Record<string, string>): AppError {
  try {
    admit(parameters);
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
  throw new Error('it was admitted');
}

describe('admitStartupParameters', () => {
  it('pins encoding and search path and passes on what is on the list', () => {
    const { parameters, database } = admit({ application_name: 'psql', TimeZone: 'Europe/Zurich' });
    expect(database).toBe('shop');
    expect(parameters).toEqual({
      application_name: 'psql',
      timezone: 'Europe/Zurich',
      client_encoding: 'UTF8',
      search_path: '"public", pg_temp',
    });
  });

  it('takes the user name as database when none is given, as the server does', () => {
    expect(admitStartupParameters(new Map([['user', 'shop']]), pinned).database).toBe('shop');
  });

  it('reads settings out of options in all of their forms', () => {
    const { parameters } = admit({ options: '-c statement_timeout=5s --extra-float-digits=3 -cjit=off' });
    expect(parameters).toMatchObject({ statement_timeout: '5s', extra_float_digits: '3', jit: 'off' });
  });

  it('accepts a search path of schemas that exist and keeps pg_temp last', () => {
    const { parameters, searchPath } = admit({ options: '-c search_path=sales,public' });
    expect(parameters.search_path).toBe('"sales", "public", pg_temp');
    expect(searchPath).toEqual(['sales', 'public']);
  });

  it('keeps the wish for metadata to itself', () => {
    const { parameters, wantsMetadata } = admit({ options: '-c daam.metadata=on' });
    expect(wantsMetadata).toBe(true);
    expect(parameters).not.toHaveProperty('daam.metadata');
    expect(admit({}).wantsMetadata).toBe(false);
    expect(admit({ 'daam.metadata': 'off' }).wantsMetadata).toBe(false);
  });

  it.each([
    [{ options: '-c daam.metadata=perhaps' }],
    [{ options: '-c daam.other=on' }],
    [{ replication: 'database' }],
    [{ standard_conforming_strings: 'off' }],
    [{ client_encoding: 'SJIS' }],
    [{ options: '-c standard_conforming_strings=off' }],
    [{ options: '-c role=postgres' }],
    [{ options: '-c session_authorization=postgres' }],
    [{ options: '-c search_path=evil' }],
    [{ options: '-c client_min_messages=debug5' }],
    [{ options: '-c' }],
    [{ options: '-B 5' }],
    [{ session_replication_role: 'replica' }],
    [{ application_name: 'line\nbreak' }],
  ])('refuses %j and names the field', (parameters) => {
    const error = refusal(parameters);
    expect(error.code).toBe('INVALID_INPUT');
    expect(error.hint).toBeDefined();
  });

  it('does not repeat a strange name in its message', () => {
    expect(refusal({ 'x\u0007y': '1' }).message).not.toContain('\u0007');
  });

  it('takes SQL_ASCII, which psql sends in the C locale, for the UTF8 that is served', () => {
    expect(admit({ client_encoding: 'SQL_ASCII' }).parameters.client_encoding).toBe('UTF8');
  });
});
