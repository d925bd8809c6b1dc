import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../engine/testing/fake-control-plane.ts';
import { runCli } from './run-cli.ts';

/** A service account's token in DAAM_TOKEN: no sign-in, no device, nothing kept. */
const token = `daam_sat_${'a'.repeat(43)}`;
let controlPlane: FakeControlPlane;
let home: string;

beforeAll(async () => {
  controlPlane = await startFakeControlPlane();
  Object.assign(controlPlane, { token });
  home = await mkdtemp(join(tmpdir(), 'daam-program-'));
});
afterAll(async () => {
  await controlPlane[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

async function daam(argv: readonly string[], env: Record<string, string>) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end();
  const environment = { DAAM_HOME: home, DAAM_SECRET_STORE: 'file', ...env };
  const code = await runCli({ argv, env: environment, stdin, stdout, stderr, onSignal: () => () => {} });
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

describe('a program with a service account’s token', () => {
  it('needs no sign-in for what asks the control plane, and leaves nothing behind', async () => {
    const env = { DAAM_TOKEN: token, DAAM_CONTROL_PLANE_URL: controlPlane.url };
    const exported = await daam(['policy', 'export', 'shop'], env);
    expect([exported.code, exported.stderr]).toEqual([0, '']);
    expect(exported.stdout).toContain('database: shop');
    const kept = await readdir(home, { recursive: true });
    expect(kept.filter((name) => name.includes('account') || name.includes('secret'))).toEqual([]);
  });

  it('has to say where, and is refused with another token, which nobody shows', async () => {
    expect((await daam(['policy', 'export', 'shop'], { DAAM_TOKEN: token })).code).toBe(64);
    const wrong = `daam_sat_${'b'.repeat(43)}`;
    const env = { DAAM_TOKEN: wrong, DAAM_CONTROL_PLANE_URL: controlPlane.url };
    const refused = await daam(['policy', 'export', 'shop'], env);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('UNAUTHENTICATED');
    expect(refused.stderr).not.toContain(wrong);
  });
});
