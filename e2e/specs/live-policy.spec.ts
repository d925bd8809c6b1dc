/**
 * A policy is edited through the API while a person sits in psql: masks come and go, access comes and goes, in the
 * open session, its prepared statement and its open cursor. Prints the time from the API call to the effect.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Psql } from './interactive-psql.ts';
import { type RunningSystem, startRunningSystem } from './running-system.ts';
import { findTool } from './tools.ts';

const hasPsql = findTool('psql', 'what an open psql session sees of a policy edit') !== null;

type Document = { policies: { name: string; grants: object[]; masks: object[]; assign: object }[] };

describe.skipIf(!hasPsql)('an open psql session', () => {
  let system: RunningSystem;
  let original: Document;
  const times: string[] = [];

  beforeAll(async () => {
    system = await startRunningSystem();
    original = ((await api('GET', 'policies')) as { document: Document }).document;
  });
  afterAll(async () => {
    process.stdout.write(`${times.join('\n')}\n`);
    await system[Symbol.asyncDispose]();
  });

  // Each test begins under the policy that the system came with.
  beforeEach(async () => {
    const { epoch } = (await api('PUT', 'policies', original)) as { epoch: number };
    // A new session is let in by what the agent has: it may just have been told that nobody may do anything.
    while (((await appliedOf(system)) as { appliedEpoch: number }).appliedEpoch < epoch) await delay(20);
  });

  const api = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(
      new URL(`/api/v1/databases/shop${path === '' ? '' : '/'}${path}`, system.ready.controlPlane.url),
      {
        method,
        headers: {
          authorization: `Bearer ${system.ready.admin.apiToken}`,
          'content-type': 'application/json',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
    );
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return await response.json();
  };
  const edited = (edit: (document: Document) => void): Document => {
    const copy = structuredClone(original);
    edit(copy);
    return copy;
  };
  /** Puts a document in force and asks until the answer is what it must become. */
  const timed = async (
    what: string,
    document: Document,
    effect: { readonly ask: () => Promise<string>; readonly becomes: RegExp },
  ): Promise<void> => {
    const startedAt = performance.now();
    const put = api('PUT', 'policies', document);
    let answer = '';
    do answer = await effect.ask();
    while (!effect.becomes.test(answer) && performance.now() - startedAt < 10_000);
    times.push(`policy edit to effect: ${what}: ${Math.round(performance.now() - startedAt)} ms`);
    await put;
    expect(answer).toMatch(effect.becomes);
  };

  const raw = /^\w[\w.]+@[\w.]+$/;
  const masked = /^\w\*\*\*@/;
  const unmasked = () =>
    edited(({ policies }) => {
      for (const policy of policies)
        policy.masks = policy.masks.filter((mask) => !JSON.stringify(mask).includes('customers.email'));
    });
  const without = () =>
    edited(({ policies }) => {
      for (const policy of policies) policy.grants = [{ table: 'public.products', operations: ['select'] }];
    });
  const one = 'SELECT email FROM customers WHERE id = 1';

  test('is masked and unmasked in the middle of a transaction, its prepared statement too', async () => {
    const psql = new Psql(system.ready.developer.local.dsn);
    expect(await psql.ask(`PREPARE p AS ${one}; BEGIN; ${one};`)).toMatch(masked);
    await timed('unmask, SELECT', unmasked(), { ask: () => psql.ask(`${one};`), becomes: raw });
    expect(await psql.ask('EXECUTE p;')).toMatch(raw);
    await timed('mask, prepared statement', original, { ask: () => psql.ask('EXECUTE p;'), becomes: masked });
    expect(await psql.ask(`${one};`)).toMatch(masked);
    await psql.ask('COMMIT;');
    await psql.end();
  });

  test('loses and gets back a table, with a cursor open on it', async () => {
    const psql = new Psql(system.ready.developer.local.dsn);
    await psql.ask(`BEGIN; DECLARE c CURSOR FOR SELECT email FROM customers; SAVEPOINT s;`);
    expect(await psql.ask('FETCH 1 FROM c;')).toMatch(masked);
    await timed('revoke, open cursor', without(), {
      ask: () => psql.ask('FETCH 1 FROM c;'),
      becomes: /42501/,
    });
    await psql.ask('ROLLBACK TO s;');
    expect(await psql.ask(`${one};`)).toMatch(/42501/);
    await psql.ask('ROLLBACK;');
    await timed('grant', original, { ask: () => psql.ask(`${one};`), becomes: masked });
    await psql.end();
  });

  test('is told when all access is taken away', async () => {
    const psql = new Psql(system.ready.developer.local.dsn);
    expect(await psql.ask(`${one};`)).toMatch(masked);
    await timed(
      'everything',
      edited(({ policies }) => {
        for (const policy of policies) policy.assign = { users: [], groups: [] };
      }),
      { ask: async () => await psql.ask(`${one};`).catch(String), becomes: /policy revoked|57P01/ },
    );
    await psql.end();
  });

  test('sees masks as *** where elevation is switched off, and the API says when it was in force', async () => {
    const psql = new Psql(system.ready.developer.local.dsn);
    expect(await psql.ask(`${one};`)).toMatch(masked);
    await api('PATCH', '', { elevation: false });
    await expect.poll(async () => await psql.ask(`${one};`), { timeout: 10_000 }).toMatch(/\*\*\*$/);
    await api('PATCH', '', { elevation: true });
    await expect.poll(async () => await psql.ask(`${one};`), { timeout: 10_000 }).toMatch(masked);
    const { epoch } = (await api('GET', 'policies')) as { epoch: number };
    await expect
      .poll(async () => await appliedOf(system), { timeout: 10_000 })
      .toMatchObject({ appliedEpoch: epoch });
    const { applied } = (await appliedOf(system)) as { applied: { tookMs: number } };
    times.push(`agent, bundle to effect in all sessions: ${Math.round(applied.tookMs * 10) / 10} ms`);
    await psql.end();
  });
});

async function appliedOf({ ready }: RunningSystem): Promise<unknown> {
  const response = await fetch(new URL('/api/v1/organization/databases', ready.controlPlane.url), {
    headers: { authorization: `Bearer ${ready.admin.apiToken}` },
  });
  const { items } = (await response.json()) as { items: { agent: unknown }[] };
  return items[0]?.agent;
}
