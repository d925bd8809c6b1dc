import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { table } from './command.ts';
import { readConfig } from './config.ts';
import { clientEnvironment } from './run-with-database.ts';

describe('the configuration of the command line', () => {
  it.each([
    ['~/.config/daam', {}, undefined, '/home/dev/.config/daam'],
    ['XDG_CONFIG_HOME', { XDG_CONFIG_HOME: '/xdg' }, undefined, '/xdg/daam'],
    [
      'the home folder when XDG_CONFIG_HOME is relative',
      { XDG_CONFIG_HOME: 'x' },
      undefined,
      '/home/dev/.config/daam',
    ],
    ['DAAM_HOME', { DAAM_HOME: '/daam', XDG_CONFIG_HOME: '/xdg' }, undefined, '/daam'],
    ['--state-dir', { DAAM_HOME: '/daam' }, '/given', '/given'],
  ])('keeps its state in %s', (_, env, stateDir, expected) => {
    expect(readConfig({ env, stateDir, home: '/home/dev' }).stateDir).toBe(expected);
  });

  it('keeps the token out of sight and out of child processes', () => {
    const config = readConfig({ env: { DAAM_TOKEN: ' hush\n', PATH: '/bin' }, home: '/h' });
    expect(config.token?.reveal()).toBe('hush');
    expect(inspect(config, { depth: null })).not.toContain('hush');
    expect(config.childEnvironment).toEqual({ PATH: '/bin' });
  });

  it('refuses an unknown secret store', () => {
    expect(() => readConfig({ env: { DAAM_SECRET_STORE: 'cloud' } })).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', field: 'secret-store' }) as Error,
    );
  });
});

describe('the environment of a client', () => {
  const local = { host: '127.0.0.1', port: 5, user: 'dev', database: 'shop' };

  it('points at the local port, whatever was set before', () => {
    const base = {
      PGHOST: 'db',
      PGSSLMODE: 'require',
      PGHOSTADDR: '192.0.2.1',
      PGPASSWORD: 'x',
      TERM: 'xterm',
    };
    expect(clientEnvironment(base, local)).toEqual({
      TERM: 'xterm',
      PGHOST: '127.0.0.1',
      PGPORT: '5',
      PGUSER: 'dev',
      PGDATABASE: 'shop',
      PGSSLMODE: 'disable',
      PGGSSENCMODE: 'disable',
    });
  });
});

describe('a table', () => {
  it('lines up its columns and drops control characters', () => {
    expect(
      table(
        ['A', 'B'],
        [
          ['long', 'x'],
          ['\u001b[2J', 'y'],
        ],
      ),
    ).toBe('A     B\nlong  x\n[2J   y');
  });
});
