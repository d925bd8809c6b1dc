import { silentLogger } from '@daam/shared/base/logger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane } from '../app.ts';
import {
  addDatabase,
  addUser,
  bootstrapOrg,
  documentFor,
  startTestControlPlane,
  type TestControlPlane,
} from '../testing/start.ts';

let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;

beforeAll(async () => {
  plane = await startTestControlPlane();
  org = await bootstrapOrg(plane, 'Answers');
});

afterAll(async () => await plane?.[Symbol.asyncDispose]());

async function send(path: string, init: RequestInit = {}, token: string | null = org.adminToken) {
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const response = await plane.send(path, {
    ...init,
    headers: {
      'content-type': 'application/json',
      ...authorization,
      ...(init.headers as Record<string, string>),
    },
  });
  const text = await response.text();
  return {
    response,
    text,
    body: text.startsWith('{') ? (JSON.parse(text) as { error?: Record<string, unknown> }) : {},
  };
}

describe('answers', () => {
  it('carry security headers and a request id, and open nothing to other origins', async () => {
    const { response } = await send('/api/v1/me', { headers: { origin: 'https://evil.example' } });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    const preflight = await send('/api/v1/me', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example' },
    });
    expect(preflight.response.status).toBe(404);
  });

  it('have one error shape, with the request id of the header', async () => {
    for (const [path, init, token, status, code] of [
      ['/nowhere', {}, org.adminToken, 404, 'NOT_FOUND'],
      ['/api/v1/me', {}, null, 401, 'UNAUTHENTICATED'],
      ['/api/v1/me', {}, `daam_pat_${'A'.repeat(43)}`, 401, 'UNAUTHENTICATED'],
      ['/api/v1/users', { method: 'POST', body: '{' }, org.adminToken, 400, 'INVALID_INPUT'],
      ['/api/v1/users?limit=9999', {}, org.adminToken, 400, 'INVALID_INPUT'],
      ['/api/v1/users?after=nonsense', {}, org.adminToken, 400, 'INVALID_INPUT'],
      [
        '/api/v1/groups',
        { method: 'POST', body: JSON.stringify({ name: 'x'.repeat(20_000) }) },
        org.adminToken,
        413,
        'TOO_LARGE',
      ],
    ] as const) {
      const { response, body } = await send(path, init, token);
      expect({ path, status: response.status, code: body.error?.['code'] }).toEqual({ path, status, code });
      expect(body.error?.['requestId']).toBe(response.headers.get('x-request-id'));
      expect(Object.keys(body)).toEqual(['error']);
    }
  });

  it('name the field of bad input', async () => {
    const field = async (path: string, method: string, body: unknown) =>
      (await send(path, { method, body: JSON.stringify(body) })).body.error?.['field'];
    expect(await field('/api/v1/users', 'POST', { email: 'no' })).toBe('body.email');
    expect(await field('/api/v1/users', 'POST', { email: 'a@b.example', admin: true })).toBe('body.admin');
    expect(await field('/api/v1/users', 'POST', { email: 'a@b.example', name: 'a\u0000' })).toBe('body.name');
    expect(await field('/api/v1/databases', 'POST', { name: 'Not A Slug', databaseName: 'x' })).toBe(
      'body.name',
    );
    expect(await field('/api/v1/agents/not-an-id', 'DELETE', {})).toBe('params.id');
    await org.admin.createDatabase({ body: { name: 'fields', databaseName: 'fields' } });
    const put = '/api/v1/databases/fields/policies';
    const policies = documentFor('fields', { users: [] }).policies;
    expect(await field(put, 'PUT', { database: 'fields', policies: [{ ...policies[0], mask: [] }] })).toBe(
      'policies[0].mask',
    );
    expect(await field(put, 'PUT', { database: 'other', policies })).toBe('database');
    const unknown = documentFor('fields', { users: ['nobody@answers.example'] });
    expect(await field(put, 'PUT', unknown)).toBe('policies[0].assign.users[0]');
    expect(await field(put, 'PUT', documentFor('fields', { groups: ['none'] }))).toBe(
      'policies[0].assign.groups[0]',
    );
  });

  it('say CONFLICT to a document that was made for an older epoch, and change nothing', async () => {
    await org.admin.createDatabase({ body: { name: 'stale', databaseName: 'stale' } });
    const { epoch } = await org.admin.getPolicies({ params: { database: 'stale' } });
    const put = async (expectEpoch: number, users: string[]) =>
      await org.admin.putPolicies({
        params: { database: 'stale' },
        query: { expectEpoch },
        body: documentFor('stale', { users }),
      });
    const changed = await put(epoch, []);
    await expect(put(epoch, ['admin@answers.example'])).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await org.admin.getPolicies({ params: { database: 'stale' } })).toEqual(changed);
  });

  it('give back the document that was put', async () => {
    await org.admin.createDatabase({ body: { name: 'back', databaseName: 'back' } });
    const body = documentFor('back', { users: ['admin@answers.example'], groups: [] });
    await org.admin.putPolicies({ params: { database: 'back' }, body });
    expect((await org.admin.getPolicies({ params: { database: 'back' } })).document).toMatchObject(body);
    await org.admin.putPolicies({ params: { database: 'back' }, body: { database: 'back', policies: [] } });
    expect((await org.admin.getPolicies({ params: { database: 'back' } })).document).toEqual({
      database: 'back',
      policies: [],
    });
    const again = await org.admin.putPolicies({ params: { database: 'back' }, body });
    expect(again.policies).toMatchObject([{ name: 'reader' }]);
  });
});

describe('public routes', () => {
  it('serve health, readiness, a page and the OpenAPI document to anyone', async () => {
    expect((await send('/health', {}, null)).body).toEqual({ status: 'healthy' });
    expect((await send('/ready', {}, null)).body).toEqual({ status: 'ready' });
    const page = await send('/', {}, null);
    expect(page.response.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.text).toContain('/api/v1/openapi.json');
    expect(page.text).not.toContain('<script');
    expect((await send('/api/v1/openapi.json', {}, null)).body).toMatchObject({ openapi: '3.1.0' });
  });
});

describe('rate limits', () => {
  it('count by token, tell when to come back, and leave others alone', async () => {
    const config = { ...plane.config, http: { ...plane.config.http, rateFactor: 0.01 } };
    const other = await addUser(plane, org.admin, 'other@answers.example');
    await using slow = await startControlPlane(config, { logger: silentLogger });
    const me = async (token: string) =>
      await fetch(`http://127.0.0.1:${slow.port}/api/v1/me`, {
        headers: { authorization: `Bearer ${token}` },
      });
    expect((await me(org.adminToken)).status).toBe(200);
    const refused = await me(org.adminToken);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: { code: 'RATE_LIMITED' } });
    expect((await me(other.token)).status).toBe(200);
  });

  it('stop an address that keeps guessing tokens', async () => {
    const config = { ...plane.config, http: { ...plane.config.http, rateFactor: 0.05 } };
    await using slow = await startControlPlane(config, { logger: silentLogger });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) {
      const headers = { authorization: `Bearer daam_pat_${String(i).repeat(43)}` };
      statuses.push((await fetch(`http://127.0.0.1:${slow.port}/api/v1/me`, { headers })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
  });
});

describe('roles', () => {
  it('hold: a member reads only what is theirs, an auditor changes nothing', async () => {
    const member = await addUser(plane, org.admin, 'member@answers.example');
    const auditor = await addUser(plane, org.admin, 'auditor@answers.example', 'auditor');
    const forbidden = { code: 'FORBIDDEN' };
    await expect(member.client.listUsers()).rejects.toMatchObject(forbidden);
    await expect(member.client.listActivity()).rejects.toMatchObject(forbidden);
    await expect(auditor.client.createGroup({ body: { name: 'x' } })).rejects.toMatchObject(forbidden);
    expect((await auditor.client.listActivity()).items.length).toBeGreaterThan(0);
    const body = { name: 'x', user: member.id };
    await expect(auditor.client.createApiToken({ body })).rejects.toMatchObject(forbidden);
    expect((await member.client.listApiTokens()).items.map(({ user }) => user.id)).toEqual([member.id]);
    expect((await member.client.listMyDatabases()).items).toEqual([]);
  });

  it('keep tokens of people and of agents apart', async () => {
    const agent = await addDatabase(plane, org.admin, 'apart');
    await expect(agent.client.getMe()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(org.admin.appendAudit({ body: { records: [{}] } })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it('of the last administrator cannot be given away by themselves', async () => {
    const { id } = await org.admin.getMe();
    for (const body of [{ disabled: true }, { role: 'member' as const }]) {
      await expect(org.admin.updateUser({ params: { id }, body })).rejects.toMatchObject({
        code: 'CONFLICT',
      });
    }
  });

  it('end with the token: revoked, it opens nothing', async () => {
    const { token, apiToken } = await org.admin.createApiToken({ body: { name: 'short' } });
    await plane.client(token).getMe();
    await org.admin.revokeApiToken({ params: { id: apiToken.id } });
    await expect(plane.client(token).getMe()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('end with the token’s time', async () => {
    const clock = { time: Date.now(), now: () => clock.time };
    const { token } = await org.admin.createApiToken({ body: { name: 'aging', expiresInDays: 1 } });
    await using later = await startControlPlane(plane.config, { logger: silentLogger, clock });
    const me = async () =>
      (
        await fetch(`http://127.0.0.1:${later.port}/api/v1/me`, {
          headers: { authorization: `Bearer ${token}` },
        })
      ).status;
    expect(await me()).toBe(200);
    clock.time += 86_400_000 + 1000;
    expect(await me()).toBe(401);
  });
});

describe('deleting', () => {
  it('a database wants its name, ends its agent, and frees the name', async () => {
    const agent = await addDatabase(plane, org.admin, 'gone');
    const params = { database: 'gone' };
    await expect(org.admin.deleteDatabase({ params, query: { confirm: 'other' } })).rejects.toMatchObject({
      field: 'query.confirm',
    });
    await org.admin.deleteDatabase({ params, query: { confirm: 'gone' } });
    await expect(org.admin.getPolicies({ params })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(agent.client.appendAudit({ body: { records: [{}] } })).rejects.toMatchObject({
      code: 'REVOKED',
    });
    const { database } = await org.admin.createDatabase({ body: { name: 'gone', databaseName: 'gone' } });
    expect(database.id).not.toBe(agent.database.id);
  });
});
