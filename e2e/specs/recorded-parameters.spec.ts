/** Values of parameters, from a real client through agent, delivery and store into an export that proves itself. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiClient, createClient } from '@daam/shared/api/client';
import { parsePolicyDocument } from '@daam/shared/policy/document';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningSystem, startRunningSystem } from './running-system.ts';
import { run } from './tools.ts';

const cli = join(import.meta.dirname, '..', '..', 'desktop', 'cli', 'main.ts');

describe('values of parameters', () => {
  let system: RunningSystem;
  let admin: ApiClient;
  let client: Client;
  let home: string;
  const params = { database: 'shop' };

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'daam-parameters-'));
    system = await startRunningSystem();
    const { controlPlane, developer, admin: administrator } = system.ready;
    admin = createClient({ baseUrl: controlPlane.url, fetch, token: () => administrator.apiToken });
    client = new Client({ connectionString: developer.local.dsn });
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await system?.[Symbol.asyncDispose]();
    if (home !== undefined) rmSync(home, { recursive: true, force: true });
  });

  /** The newest record of a statement with this word. */
  async function recorded(word: string): Promise<Record<string, unknown> | undefined> {
    const { items } = await admin.listStatements({ query: { text: word } });
    return items[0]?.event;
  }

  it('are in the audit once a policy says so, and not before', async () => {
    await client.query('select $1::text as unrecorded_word', ['before']);
    await expect.poll(() => recorded('unrecorded_word'), { timeout: 30_000 }).toBeDefined();
    expect(await recorded('unrecorded_word')).not.toHaveProperty('parameters');

    const { document } = await admin.getPolicies({ params });
    const parsed = parsePolicyDocument(document);
    const policies = parsed.policies.map((policy) => ({ ...policy, audit: { parameters: true } }));
    await admin.putPolicies({ params, body: { ...parsed, policies } });
    const value = async () => {
      await client.query('select $1::text as recorded_word', ['after']);
      return (await recorded('recorded_word'))?.['parameters'];
    };
    await expect
      .poll(value, { timeout: 30_000, interval: 500 })
      .toEqual([{ oid: 0, state: 'value', value: 'after' }]);
    await client.query('select id as withheld_word from customers where email = $1', ['noah@secret.example']);
    await expect
      .poll(() => recorded('withheld_word'), { timeout: 30_000 })
      .toMatchObject({
        parameters: [{ oid: 0, state: 'masked', value: null }],
      });
  });

  it('are in no log, and neither are statements, people and secrets', () => {
    const folder = join(system.stateDir, 'logs');
    const { developer, admin: administrator } = system.ready;
    const logs = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);
    expect(logs.map(([name]) => name)).toEqual(expect.arrayContaining(['agent.log', 'control-plane.log']));
    const words = [
      'recorded_word',
      'withheld_word',
      'noah@secret.example',
      'select $1',
      developer.email,
      administrator.email,
      developer.apiToken,
      administrator.apiToken,
    ];
    const found = logs.flatMap(([name, text]) =>
      words.filter((word) => text.includes(word)).map((word) => `${name}: ${word}`),
    );
    expect(found).toEqual([]);
  });

  it('are part of what is hashed: an export with another value does not verify', async () => {
    const env = { DAAM_HOME: home, DAAM_SECRET_STORE: 'file', DAAM_TOKEN: system.ready.admin.apiToken };
    const daam = async (...args: string[]) => await run(process.execPath, [cli, ...args], { env });
    expect((await daam('login', '--control-plane', system.ready.controlPlane.url)).code).toBe(0);
    const { stdout } = await daam('audit', 'export');
    expect(stdout).toContain('"value":"after"');
    expect(stdout).not.toContain('noah@secret.example');
    const file = join(home, 'export.jsonl');
    writeFileSync(file, stdout);
    expect((await daam('audit', 'verify', file)).code).toBe(0);
    writeFileSync(file, stdout.replace('"value":"after"', '"value":"other"'));
    expect((await daam('audit', 'verify', file)).code).toBe(1);
  });
});
