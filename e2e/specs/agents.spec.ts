/** The schema's way from the database to people, and two agents that serve one database. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@daam/shared/api/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installAgent } from './installed-agent.ts';
import { type RunningSystem, startRunningSystem } from './running-system.ts';
import { column, end } from './surroundings.ts';
import { Device } from './tunnel/daam.ts';

const params = { database: 'shop' };
let system: RunningSystem;
const clientOf = (token: string) =>
  createClient({ baseUrl: system.ready.controlPlane.url, fetch, token: () => token });
const admin = () => clientOf(system.ready.admin.apiToken);
const developer = () => clientOf(system.ready.developer.apiToken);

beforeAll(async () => {
  system = await startRunningSystem();
});
afterAll(async () => await system?.[Symbol.asyncDispose]());

describe('the schema in a running system', () => {
  it('reaches the control plane, and each person sees what they may use of it', async () => {
    const tables = async () => (await admin().getSchema({ params })).received?.tables ?? [];
    await expect.poll(async () => (await tables()).length, { timeout: 20_000 }).toBeGreaterThan(5);
    const shown = (await developer().getMySchema({ params })).tables;
    const names = shown.map(({ name }) => name);
    expect(names).toContain('customers');
    expect(names).not.toContain('payments');
    expect((await tables()).map(({ name }) => name)).toContain('payments');
    const customers = shown.find(({ name }) => name === 'customers');
    const masks = new Map(customers?.columns.map(({ name, mask }) => [name, mask?.preset ?? null]));
    expect(masks.get('email')).toBe('email');
    expect(masks.get('name')).toBeNull();
    const { items } = await admin().listMaskSuggestions({ params });
    const email = items.find((each) => each.table === 'customers' && each.column === 'email');
    expect(email).toMatchObject({ preset: 'email', confidence: 'high' });
  });

  it('is read anew when somebody asks, with what has changed', async () => {
    const version = async () => (await admin().getSchema({ params })).versions[0]?.version ?? 0;
    const before = await version();
    await column(
      system.ready.upstream.dsn,
      `CREATE TABLE public.orders_archive (id int, email text); COMMENT ON TABLE public.orders_archive IS 'Old ones'`,
    ).catch(() => []);
    await admin().refreshSchema({ params });
    await expect.poll(version, { timeout: 20_000 }).toBeGreaterThan(before);
    const { received } = await admin().getSchema({ params });
    expect(received?.tables.find(({ name }) => name === 'orders_archive')?.comment).toBe('Old ones');
    expect(received?.changes).toContainEqual(
      expect.objectContaining({ kind: 'table-added', object: 'public.orders_archive' }),
    );
  });
});

describe('two agents of one database', () => {
  it('share it: one has the lease, and when it dies the other goes on and takes it', async () => {
    const { commands } = await admin().issueAgentToken({ params, query: { mode: 'add' } });
    await using second = installAgent(system, {
      command: commands.binary,
      upstreamDsn: system.ready.upstream.dsn,
      name: 'second-agent',
    });
    const agents = async () => (await admin().listAgents({ query: params })).items;
    await expect
      .poll(async () => (await agents()).map(({ condition }) => condition), { timeout: 45_000 })
      .toEqual(['online', 'online']);
    await expect
      .poll(async () => (await agents()).map(({ health }) => String(health?.lease)).toSorted(), {
        timeout: 20_000,
      })
      .toEqual(['holder', 'other']);
    expect(statSync(join(second.folder, 'daam-agent.yaml')).mode & 0o777).toBe(0o600);
    const path = { direct: expect.any(Number), relay: { name: expect.any(String), isConnected: true } };
    await expect
      .poll(async () => (await agents()).map(({ health }) => health?.path), { timeout: 20_000 })
      .toMatchObject([path, path]);
    await using device = new Device();
    const login = ['login', '--control-plane', system.ready.controlPlane.url, '--token-file', '-'];
    const signedIn = await device.run([...login, '--secret-store', 'file'], system.ready.developer.apiToken);
    expect(signedIn.code).toBe(0);
    expect(await device.ask('select count(*) from customers')).toMatch(/^\d+$/);

    const { pid } = system.ready.agent;
    expect(pid).not.toBe(second.pid);
    await end(pid, 'SIGKILL');
    await expect
      .poll(async () => (await agents()).map(({ condition }) => condition).toSorted(), { timeout: 90_000 })
      .toEqual(['offline', 'online']);
    await expect
      .poll(async () => await device.ask('select email from customers where id = 1').catch(String), {
        timeout: 60_000,
        interval: 500,
      })
      .toMatch(/^.\*{3}@/);
    await expect
      .poll(async () => (await agents()).find(({ condition }) => condition === 'online')?.health?.lease, {
        timeout: 60_000,
      })
      .toBe('holder');
  });
});
