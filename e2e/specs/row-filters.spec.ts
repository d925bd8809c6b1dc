/** Attributes of a person decide which rows they see, also in a session that is open when they change. */
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningSystem, startRunningSystem } from './running-system.ts';

interface Json {
  readonly [key: string]: unknown;
}

describe('row filters by attributes', () => {
  let system: RunningSystem;
  let client: Client;
  let developer: string;

  async function api(method: string, path: string, body?: unknown): Promise<Json> {
    const { controlPlane, admin } = system.ready;
    const response = await fetch(`${controlPlane.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${admin.apiToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? {} : JSON.parse(text)) as Json;
  }

  /** The regions that the open session sees, or the reason why it sees none. */
  async function regions(): Promise<unknown> {
    return await client.query('SELECT DISTINCT region FROM customers ORDER BY 1').then(
      ({ rows }) => rows.map((row: { region: string }) => row.region),
      (error: { readonly detail?: string }) => error.detail,
    );
  }

  beforeAll(async () => {
    system = await startRunningSystem();
    const where = [{ column: 'region', operator: 'in', value: '{{user.attributes.regions}}' }];
    const policy = {
      name: 'support',
      grants: [{ table: 'public.customers', operations: ['select'] }],
      masks: [{ column: 'public.customers.email', preset: 'email' }],
      rowFilters: [{ table: 'public.customers', where }],
      assign: { users: ['dev@example.com'] },
    };
    await api('PUT', '/databases/shop/policies', { database: 'shop', policies: [policy] });
    const users = (await api('GET', '/users')) as { items: { id: string; email: string }[] };
    developer = users.items.find(({ email }) => email === 'dev@example.com')?.id ?? '';
    client = new Client({ connectionString: system.ready.developer.local.dsn });
    await client.connect();
  });

  afterAll(async () => {
    await client?.end();
    await system?.[Symbol.asyncDispose]();
  });

  const give = async (attributes: Json): Promise<Json> =>
    await api('PATCH', `/users/${developer}`, { attributes });

  test('reach an open session, and what is not set is said', async () => {
    await expect.poll(regions).toContain('the attribute regions of this user is not set');
    await give({ regions: ['north'] });
    await expect.poll(regions).toEqual(['north']);
    await give({ regions: ['north', 'west'] });
    await expect.poll(regions).toEqual(['north', 'west']);
    await give({ regions: [] });
    await expect.poll(regions).toEqual([]);
  });

  test('are in the audit log by name, without values', async () => {
    await give({ regions: ['north'] });
    const { rows } = await client.query('SELECT 1');
    expect(rows).toHaveLength(1);
    const events = JSON.stringify(await api('GET', '/audit/activity'));
    expect(events).toContain('regions');
    expect(events).not.toContain('"north"');
  });
});
