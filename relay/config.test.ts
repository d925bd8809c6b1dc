import { describe, expect, it } from 'vitest';
import { loadConfig, relayDefaults } from './config.ts';

const readFile = (): string => JSON.stringify([{ kid: 'k', x: 'A'.repeat(43) }]);

describe('the configuration of the relay', () => {
  it('has defaults for all but the name', () => {
    expect(loadConfig({ env: { DAAM_RELAY_NAME: 'r1' }, readFile })).toEqual({
      ...relayDefaults,
      name: 'r1',
    });
  });

  it.each([
    [':7420', { host: '::', port: 7420 }],
    ['localhost:1', { host: 'localhost', port: 1 }],
    ['[::1]:0', { host: '::1', port: 0 }],
  ])('reads %s', (text, listen) => {
    expect(loadConfig({ env: { DAAM_RELAY_NAME: 'r1', DAAM_LISTEN: text }, readFile }).listen).toEqual(
      listen,
    );
  });

  it('answers STUN and metrics only where it is told to', () => {
    const env = { DAAM_RELAY_NAME: 'r1', DAAM_STUN_LISTEN: ':3478', DAAM_METRICS_LISTEN: '127.0.0.1:9420' };
    expect(loadConfig({ env, readFile })).toMatchObject({
      stun: { host: '::', port: 3478 },
      metrics: { host: '127.0.0.1', port: 9420 },
    });
  });

  it('reads the keys of the issuer from a file', () => {
    const env = { DAAM_RELAY_NAME: 'r1', DAAM_ISSUER_KEYS_FILE: '/keys' };
    expect(loadConfig({ env, readFile }).issuerKeys).toEqual([{ kid: 'k', x: 'A'.repeat(43) }]);
  });

  it.each([
    ['DAAM_RELAY_NAME', {}],
    ['DAAM_RELAY_NAME', { DAAM_RELAY_NAME: 'with space' }],
    ['DAAM_LISTEN', { DAAM_RELAY_NAME: 'r1', DAAM_LISTEN: '7420' }],
    ['DAAM_LISTEN', { DAAM_RELAY_NAME: 'r1', DAAM_LISTEN: 'x:70000' }],
    ['DAAM_STUN_LISTEN', { DAAM_RELAY_NAME: 'r1', DAAM_STUN_LISTEN: 'nowhere' }],
    ['DAAM_METRICS_LISTEN', { DAAM_RELAY_NAME: 'r1', DAAM_METRICS_LISTEN: ':99999' }],
    ['DAAM_LOGGING_LEVEL', { DAAM_RELAY_NAME: 'r1', DAAM_LOGGING_LEVEL: 'loud' }],
  ])('names %s when its value is bad', (field, env) => {
    expect(() => loadConfig({ env, readFile })).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG', field }) as Error,
    );
  });

  it('does not show what is in a bad key file', () => {
    const env = { DAAM_RELAY_NAME: 'r1', DAAM_ISSUER_KEYS_FILE: '/keys' };
    expect(() => loadConfig({ env, readFile: () => '[{"kid":"k","d":"private"}]' })).toThrow(
      expect.objectContaining({
        field: 'DAAM_ISSUER_KEYS_FILE',
        message: expect.not.stringContaining('private') as string,
      }) as Error,
    );
  });
});
