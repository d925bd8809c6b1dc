import { inspect } from 'node:util';
import type { AppError } from '@daam/shared/errors/app-error';
import { describe, expect, it } from 'vitest';
import { loadConfig } from './config.ts';

const key = Buffer.alloc(32, 7).toString('base64');
const files: Record<string, string> = {
  'ok.yaml': `listen: { port: 7500 }\ndatabase: { dsn: postgres://secret@db/cp }\nmaster_key_file: key\n`,
  'unknown.yaml': 'database: { dsn: x, user: y }\n',
  'list.yaml': '- a\n',
  'short.yaml': 'database: { dsn: x }\nmaster_key: c2hvcnQ=\n',
  'both.yaml': `database: { dsn: x, dsn_file: key }\nmaster_key: ${key}\n`,
  key: `${key}\n`,
};

function load(file: string | null, env: Record<string, string> = {}) {
  const readFile = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT ${path}`);
    return text;
  };
  return loadConfig({ file, env, readFile });
}

/** `CODE field` of the failure. */
function failureOf(file: string | null, env: Record<string, string> = {}): string {
  try {
    load(file, env);
    return 'no failure';
  } catch (error) {
    const { code, field } = error as AppError;
    return `${code} ${field}`;
  }
}

describe('configuration', () => {
  it('names where webhooks may go besides, as a list or with commas', () => {
    const entries = (text: string) =>
      load('ok.yaml', { DAAM_WEBHOOKS_ALLOWED_ADDRESSES: text }).webhooks.allowedAddresses;
    expect(load('ok.yaml').webhooks.allowedAddresses).toEqual([]);
    expect(entries('10.20.0.0/16, ::1')).toEqual(['10.20.0.0/16', '::1']);
    expect(failureOf('ok.yaml', { DAAM_WEBHOOKS_ALLOWED_ADDRESSES: '10.0.0.0/8,localhost' })).toBe(
      'INVALID_CONFIG webhooks.allowed_addresses.1',
    );
  });

  it('takes no sign-ups unless told, and a code only where it is long enough', () => {
    const on = { DAAM_SIGN_UP_ENABLED: 'true' };
    expect(load('ok.yaml').signUp).toBeNull();
    expect(load('ok.yaml', { DAAM_SIGN_UP_CODE: 'a'.repeat(20) }).signUp).toBeNull();
    expect(load('ok.yaml', on).signUp).toEqual({ code: null, maxOrganizations: 1_000 });
    const { signUp } = load('ok.yaml', { ...on, DAAM_SIGN_UP_CODE: 'a code of sixteen' });
    expect(signUp?.code?.reveal()).toBe('a code of sixteen');
    expect(inspect(signUp)).not.toContain('sixteen');
    expect(failureOf('ok.yaml', { ...on, DAAM_SIGN_UP_CODE: 'short' })).toBe('INVALID_CONFIG sign_up.code');
  });

  it('sends no mail unless it names a server and a sender, and none in the clear over a network', () => {
    const mail = { DAAM_MAIL_HOST: 'mail.example.com', DAAM_MAIL_FROM: 'DAAM <daam@example.com>' };
    expect(load('ok.yaml').mail).toBeNull();
    expect(load('ok.yaml', mail).mail).toMatchObject({ port: 587, security: 'starttls', login: null });
    expect(load('ok.yaml', { ...mail, DAAM_MAIL_SECURITY: 'tls' }).mail?.port).toBe(465);
    expect(failureOf('ok.yaml', { DAAM_MAIL_HOST: 'mail.example.com' })).toBe('INVALID_CONFIG mail.from');
    expect(failureOf('ok.yaml', { ...mail, DAAM_MAIL_SECURITY: 'none' })).toBe(
      'INVALID_CONFIG mail.security',
    );
    expect(failureOf('ok.yaml', { ...mail, DAAM_MAIL_USER: 'daam' })).toBe('INVALID_CONFIG mail.password');
    const local = { ...mail, DAAM_MAIL_HOST: '127.0.0.1', DAAM_MAIL_SECURITY: 'none' };
    expect(load('ok.yaml', local).mail?.security).toBe('none');
    for (const from of ['a@b\r\nBcc: c@d', 'Somebody <a@b>, c@d', 'no address'])
      expect(failureOf('ok.yaml', { ...mail, DAAM_MAIL_FROM: from })).toBe('INVALID_CONFIG mail.from');
    const login = { DAAM_MAIL_USER: 'daam', DAAM_MAIL_PASSWORD: 'do-not-print-me' };
    expect(inspect(load('ok.yaml', { ...mail, ...login }), { depth: 9 })).not.toContain('do-not-print-me');
  });

  it('gives counters to nobody unless it is told to whom', () => {
    expect(load('ok.yaml').metrics).toEqual({ token: null, listen: null });
    expect(load('ok.yaml', { DAAM_METRICS_PORT: '9464' }).metrics?.listen).toEqual({
      host: '127.0.0.1',
      port: 9464,
    });
    expect(load('ok.yaml', { DAAM_METRICS_TOKEN_FILE: 'key' }).metrics?.token?.reveal()).toBe(key);
    expect(failureOf('ok.yaml', { DAAM_METRICS_TOKEN: 'short' })).toBe('INVALID_CONFIG metrics.token');
  });

  it('may name a second master key, for a rotation', () => {
    expect(load('ok.yaml').secondMasterKey).toBeNull();
    expect(load('ok.yaml', { DAAM_SECOND_MASTER_KEY_FILE: 'key' }).secondMasterKey?.reveal()).toEqual(
      Buffer.alloc(32, 7),
    );
    expect(failureOf('ok.yaml', { DAAM_SECOND_MASTER_KEY: 'c2hvcnQ=' })).toBe(
      'INVALID_CONFIG second_master_key',
    );
  });

  it('comes from a file, with defaults', () => {
    const config = load('ok.yaml');
    expect(config.listen).toEqual({ host: '127.0.0.1', port: 7500 });
    expect(config.identity).toEqual({ developmentTokens: false, certificateHours: 8, grantMinutes: 10 });
    expect(config.masterKey.reveal()).toEqual(Buffer.alloc(32, 7));
  });

  it('may have a DSN of its own for migrating', () => {
    const dsnOf = (env: Record<string, string>) => load('ok.yaml', env).database.migrationDsn;
    expect(dsnOf({})).toBeNull();
    expect(dsnOf({ DAAM_DATABASE_MIGRATION_DSN: 'postgres://owner@db/cp' })?.reveal()).toBe(
      'postgres://owner@db/cp',
    );
    expect(dsnOf({ DAAM_DATABASE_MIGRATION_DSN_FILE: 'key' })?.reveal()).toBe(key);
    expect(failureOf('ok.yaml', { DAAM_DATABASE_MIGRATION_DSN_FILE: 'nowhere' })).toBe(
      'INVALID_CONFIG database.migration_dsn_file',
    );
  });

  it('comes from the environment alone', () => {
    const config = load(null, {
      DAAM_DATABASE_DSN: 'postgres://x',
      DAAM_MASTER_KEY: Buffer.alloc(32, 9).toString('hex'),
      DAAM_IDENTITY_DEVELOPMENT_TOKENS: 'true',
      DAAM_LISTEN_PORT: '80',
    });
    expect(config.listen.port).toBe(80);
    expect(config.identity.developmentTokens).toBe(true);
    expect(config.masterKey.reveal()).toEqual(Buffer.alloc(32, 9));
  });

  it('has relays from the file as a list, from the environment as JSON, and refuses what is none', () => {
    const relay = { name: 'one', url: 'wss://one.example/relay/v1', stun: ['one.example:3478'] };
    const loadRelays = (relays: unknown) => load('ok.yaml', { DAAM_RELAYS: JSON.stringify(relays) });
    expect(load('ok.yaml').relays).toEqual([]);
    expect(loadRelays([relay]).relays).toEqual([relay]);
    for (const wrong of [
      [relay, relay],
      [{ ...relay, url: 'https://one.example' }],
      [{ ...relay, stun: ['no port'] }],
      [{ ...relay, name: '' }],
      [{ ...relay, secret: 'x' }],
      { one: relay },
    ]) {
      expect(failureOf('ok.yaml', { DAAM_RELAYS: JSON.stringify(wrong) })).toMatch(/^INVALID_CONFIG /);
    }
    expect(failureOf('ok.yaml', { DAAM_RELAYS: 'not json' })).toBe('INVALID_CONFIG relays');
  });

  it('prefers the environment to the file', () => {
    expect(load('ok.yaml', { DAAM_LISTEN_PORT: '7600' }).listen.port).toBe(7600);
  });

  it('names the key that is wrong, and never its value', () => {
    expect(failureOf('ok.yaml', { DAAM_LISTEN_PORT: 'hunter2' })).toBe('INVALID_CONFIG listen.port');
    expect(failureOf('unknown.yaml')).toBe('INVALID_CONFIG database.user');
    expect(failureOf('short.yaml')).toBe('INVALID_CONFIG master_key');
    expect(failureOf('both.yaml')).toBe('INVALID_CONFIG database.dsn_file');
    expect(failureOf(null)).toBe('INVALID_CONFIG database.dsn');
    expect(failureOf(null, { DAAM_DATABASE_DSN_FILE: 'nowhere' })).toBe('INVALID_CONFIG database.dsn_file');
    expect(failureOf('missing.yaml')).toBe('INVALID_CONFIG --config');
    expect(failureOf('list.yaml')).toBe('INVALID_CONFIG ');
  });

  it('prints no secret', () => {
    const text = inspect(load('ok.yaml'), { depth: 10 });
    expect(text).not.toContain('secret@db');
    expect(text).not.toContain(key);
  });
});
