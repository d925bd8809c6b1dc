import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@daam/shared/base/logger';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { answerCall } from '../../ipc/answer-call.ts';
import { type Method, methods } from '../../ipc/schema.ts';
import { Engine } from '../engine.ts';
import { EngineBackend } from './engine-backend.ts';

let folder: string;
let engine: Engine;
let backend: EngineBackend;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-hostile-'));
  engine = await Engine.open({ stateDir: folder, secretStore: 'file', transport: 'loopback' });
  backend = new EngineBackend({ engine, version: '0', logger: silentLogger });
  await signIn();
});
afterEach(async () => {
  await backend[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Somebody, whose token is nowhere: nothing goes out. */
async function signIn(): Promise<void> {
  const id = '0b8f4c1e-6a2d-4f6b-9c3e-2a1d5e7f9b10';
  await engine.stateFolder.write('account.json', {
    version: 1,
    controlPlane: 'http://127.0.0.1:9',
    user: { id, email: 'dev@example.com', name: 'Dev' },
    organization: { id, name: 'Example' },
    device: { id, name: 'laptop', publicKey: 'x' },
    secretStore: 'file',
    signedInAt: '2030-01-15T09:00:00Z',
  });
}

const all = Object.keys(methods) as Method[];
/** They wait for the network or a person. */
const patient = new Set<Method>(['startSignIn', 'checkControlPlane']);
let seed = 11;
const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;

const scalars = [
  null,
  true,
  -1,
  0,
  1,
  2_147_483_648,
  Number.MAX_SAFE_INTEGER,
  1e308,
  '',
  'x',
  '../../etc/passwd',
  '__proto__',
  '\u0000\u0007\u202E',
  "'; drop table t; --",
  '<script>',
  'a'.repeat(2_000),
];

function randomValue(depth: number): unknown {
  const kind = random(depth > 3 ? 1 : 4);
  if (kind === 0 || kind === 3) return scalars[random(scalars.length)];
  if (kind === 1) return Array.from({ length: random(4) }, () => randomValue(depth + 1));
  return Object.fromEntries(
    Array.from({ length: random(4) }, () => [`k${random(9)}`, randomValue(depth + 1)]),
  );
}

/** The fields that the method knows, each with some value. */
function randomParams(method: Method): unknown {
  if (random(5) === 0) return randomValue(0);
  const fields = Object.keys(methods[method].params.shape);
  return Object.fromEntries(fields.map((field) => [field, randomValue(1)]));
}

it('answers whatever a screen sends with a result or a code, and never with a failure of its own', {
  timeout: 60_000,
}, async () => {
  const codes = new Map<string, number>();
  const failures: string[] = [];
  for (let round = 0; round < 60; round += 1) {
    // One of the calls is to sign out.
    await signIn();
    for (const method of all.filter((each) => !patient.has(each))) {
      const params = randomParams(method);
      const answer = await answerCall(backend, { kind: 'call', id: round, method, params });
      const code = answer.kind === 'error' ? answer.error.code : 'result';
      if (code === 'INTERNAL') failures.push(`${method} ${JSON.stringify(params)}`);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
  }
  expect(failures).toEqual([]);
  expect(codes.get('INVALID_INPUT')).toBeGreaterThan(100);
  expect(codes.get('result')).toBeGreaterThan(100);
});

const tab = 'nobody';
const result = 'nothing';
const view = null;
it.each<[Method, unknown, string]>([
  ['cancelQuery', { tab }, 'NOT_FOUND'],
  ['endTransaction', { tab, how: 'commit' }, 'NOT_FOUND'],
  ['loadRows', { result, how: 'all' }, 'NOT_FOUND'],
  ['readRows', { result, view, first: 0, rows: 1 }, 'NOT_FOUND'],
  ['readCell', { result, view, row: 0, column: 0, from: 0 }, 'NOT_FOUND'],
  ['saveCell', { result, view, row: 0, column: 0 }, 'NOT_FOUND'],
  [
    'copyRows',
    { result, view, rows: [{ first: 0, last: 1 }], columns: [0], format: 'csv', hasHeader: true },
    'NOT_FOUND',
  ],
  ['readPlan', { result }, 'NOT_FOUND'],
  ['connect', { database: 'nobody' }, 'UNAUTHENTICATED'],
  ['readObjects', { database: 'nobody', refresh: true }, 'UNAUTHENTICATED'],
  ['callApi', { route: 'getMe' }, 'UNAUTHENTICATED'],
  ['callApi', { route: 'issueGrant' }, 'FORBIDDEN'],
  ['changeSettings', { exportFolder: 'here' }, 'INVALID_INPUT'],
])('refuses %s %j with %s', async (method, params, code) => {
  const answer = await answerCall(backend, { kind: 'call', id: 1, method, params });
  expect(answer).toMatchObject({ kind: 'error', error: { code } });
});
