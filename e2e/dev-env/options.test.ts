import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';
import { portLayout } from './ports.ts';

test('without options the sample system is started where the documentation says', () => {
  expect(parseOptions([], {})).toEqual({
    json: false,
    upstreamDsn: null,
    major: 18,
    policyFile: null,
    stateDir: '.daam',
    fresh: false,
    portBase: 7400,
    path: 'auto',
    ui: true,
  });
  expect(portLayout(7400)).toMatchObject({
    controlPlane: 7400,
    desktopWeb: 7410,
    relay: 7420,
    agentListen: 7430,
  });
});

test('an upstream DSN never prints, wherever it came from', () => {
  const dsn = 'postgres://a:hidden@h/db';
  for (const options of [
    parseOptions(['--upstream-dsn', dsn], {}),
    parseOptions([], { DAAM_DEV_UPSTREAM_DSN: dsn }),
  ]) {
    expect(JSON.stringify(options)).not.toContain('hidden');
    expect(options).toHaveProperty('upstreamDsn.reveal');
  }
});

test.each([
  [['--postgres', '12'], 'postgres'],
  [['--port-base', '80'], 'port-base'],
  [['--port-base', '65500'], 'port-base'],
  [['--path', 'sideways'], 'path'],
  [['--upstream-dsn', 'mysql://x'], 'upstream-dsn'],
])('%j is refused and the option is named', (args, field) => {
  expect(() => parseOptions(args, {})).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', field }) as Error,
  );
});

test('an option that does not exist is refused', () => {
  expect(() => parseOptions(['--upstream', 'x'], {})).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT' }) as Error,
  );
});
