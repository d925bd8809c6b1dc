import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { doctorReport } from '@daam/shared/api/doctor';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentConfig, loadConfig } from './config.ts';
import { introspect } from './introspect.ts';

let postgres: EmbeddedPostgres;
let folder: string;
let dsn: string;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ major: 18 });
  dsn = await postgres.createDatabase('shop');
  folder = await mkdtemp(join(tmpdir(), 'introspect-'));
});
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function config(upstream: object = {}): AgentConfig {
  const file = {
    upstream: { dsn, ...upstream },
    control_plane: {
      url: 'https://control.example',
      credential_path: join(folder, 'credential.json'),
      policy_cache_path: join(folder, 'bundle.json'),
    },
  };
  return loadConfig({ argv: ['--config', 'agent.yaml'], env: {}, readFile: () => JSON.stringify(file) });
}

async function run(json: boolean, upstream: object = {}): Promise<{ code: number; text: string }> {
  let text = '';
  const code = await introspect(config(upstream), { json, print: (part) => (text += part) });
  return { code, text };
}

describe('daam-agent introspect', () => {
  it('prints tables and report, and exits with 1 only for something critical', async () => {
    const client = new Client({ connectionString: dsn });
    await client.connect();
    await client.query('CREATE TABLE "odd\nname" (id int, note text)');
    const before = await run(false);
    expect(before.code).toBe(0);
    expect(before.text).toContain('public.odd?name  table: id, note');
    expect(before.text).toContain('none known here');
    expect(before.text).toContain('agent-superuser');
    await client.query('CREATE TABLE open (id int); GRANT SELECT ON open TO PUBLIC');
    await client.end();
    const after = await run(false);
    expect(after.code).toBe(1);
    expect(after.text).toContain('mend: REVOKE ALL ON TABLE "public"."open" FROM PUBLIC;');
  });

  it('prints one JSON object, and tells no scope from an empty one', async () => {
    const scopes = [{}, { scope: [] }, { scope: ['public.*'] }];
    const reports = [];
    for (const scope of scopes) {
      const { text } = await run(true, scope);
      const printed = JSON.parse(text) as { doctor: unknown; relations: unknown[] };
      expect(printed.relations.length).toBeGreaterThan(0);
      reports.push(doctorReport.parse(printed.doctor));
    }
    expect(reports.map(({ scope }) => scope)).toEqual([null, [], ['public.*']]);
    expect((await run(false, { scope: [] })).text).toContain('serves no table');
  });
});
