import type { LogFields, Logger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statementEvent, TestChain } from '../testing/audit-chain.ts';
import { enroll, TestBrowser, TestDevice } from '../testing/browser.ts';
import { startMailServer, type TestMailServer } from '../testing/mail-server.ts';
import { addDatabase, addUser, bootstrapOrg, startTestControlPlane } from '../testing/start.ts';
import type { TestControlPlane } from '../testing/start.ts';

/** What whoever runs the control plane sees of it, after people have used it: counters and logs, and nobody in them. */
const lines: string[] = [];
const token = 'operators-token-0123456789';
const secrets: string[] = [token];
let mailServer: TestMailServer;
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;

function recorder(fixed: LogFields = {}): Logger {
  const write = (level: string) => (fields: LogFields, message: string) =>
    void lines.push(JSON.stringify({ level, ...fixed, ...fields, message }));
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => recorder({ ...fixed, ...fields }),
  };
}

beforeAll(async () => {
  mailServer = await startMailServer();
  const { port } = mailServer;
  plane = await startTestControlPlane({
    deps: { logger: recorder(), scheduleMs: 20 },
    metrics: { token: new Secret(token), listen: { host: '127.0.0.1', port: 0 } },
    mail: { host: 'localhost', port, security: 'none', login: null, from: 'daam@example.com', ca: null },
  });
  await use();
}, 60_000);
afterAll(async () => {
  await plane?.[Symbol.asyncDispose]();
  await mailServer?.[Symbol.asyncDispose]();
});

/** A bit of everything, with what goes wrong. */
async function use() {
  org = await bootstrapOrg(plane, 'Cucumber');
  const { admin } = org;
  const dev = await addUser(plane, admin, 'gherkin@cucumber.example');
  secrets.push(org.adminToken, dev.token);
  const { credential, agentToken, client, agentId } = await addDatabase(plane, admin, 'pickles');
  secrets.push(credential, agentToken);
  const chain = new TestChain(agentId);
  for (let at = 1; at <= 3; at += 1) chain.append(statementEvent('select * from brine_recipes'), at);
  await client.appendAudit({ body: { records: chain.records } });
  const passkey = new FakeAuthenticator();
  await enroll(new TestBrowser(plane), admin, { user: dev.id, authenticator: passkey });
  const { accessToken } = await new TestDevice(plane).signIn(new TestBrowser(plane), passkey);
  secrets.push(accessToken);
  await admin.putRequestSettings({ body: { discoverable: 'all' } });
  const access = { tables: [{ table: 'public.brine_recipes' }] };
  const body = { database: 'pickles', access, reason: 'the vinegar is missing since monday' };
  const { id } = await dev.client.createRequest({ body });
  await admin.approveRequest({ params: { id }, body: { note: 'go and find the vinegar' } });
  expect(await codeOfAsync(dev.client.listUsers())).toBe('FORBIDDEN');
  expect(await codeOfAsync(dev.client.getRequest({ params: { id: agentId } }))).toBe('NOT_FOUND');
  const bad = { database: 'pickles', policies: [{ name: 'p', grants: [{ table: 'brine_recipes.' }] }] };
  expect(await codeOfAsync(admin.putPolicies({ params: { database: 'pickles' }, body: bad }))).toBe(
    'INVALID_POLICY',
  );
  await plane.send('/api/v1/users?email=gherkin%40cucumber.example', {
    headers: { authorization: `Bearer ${agentToken}` },
  });
  await plane.send('/enroll?invitation=gherkin%40cucumber.example');
}

const personal = /cucumber|gherkin|pickles|brine_recipes|vinegar|@/i;

async function counters(): Promise<string> {
  const response = await plane.send('/metrics', { headers: { authorization: `Bearer ${token}` } });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/plain');
  return await response.text();
}

describe('counters', () => {
  it('are for whoever has the operator’s token', async () => {
    const statusOf = async (authorization?: string, method = 'GET') =>
      (
        await plane.send('/metrics', {
          method,
          headers: authorization === undefined ? {} : { authorization },
        })
      ).status;
    expect(await statusOf()).toBe(401);
    expect(await statusOf(`Bearer ${token}x`)).toBe(401);
    expect(await statusOf(`Bearer ${org.adminToken}`)).toBe(401);
    expect(await statusOf(`Bearer ${token}`, 'POST')).toBe(405);
    expect(await statusOf(`Bearer ${token}`)).toBe(200);
  });

  it('are read without it at an address of their own, where there is nothing else', async () => {
    const url = `http://127.0.0.1:${plane.controlPlane.metricsPort}`;
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('daam_http_request_seconds_count');
    expect((await fetch(`${url}/api/v1/me`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(404);
  });

  it('count what happened', async () => {
    const text = await counters();
    for (const sample of [
      /^daam_http_request_seconds_count\{route="createRequest",status="201"\} 1$/m,
      /^daam_http_failures_total\{route="listUsers",code="FORBIDDEN"\} 1$/m,
      /^daam_audit_records_total\{outcome="stored"\} 3$/m,
      /^daam_store_up 1$/m,
      /^daam_outbox_waiting\{queue="webhooks"\} 0$/m,
      /^daam_agents_connected 0$/m,
      /^process_cpu_seconds_total /m,
    ]) {
      expect(text).toMatch(sample);
    }
    await expect
      .poll(counters, { timeout: 20_000 })
      .toMatch(/^daam_mail_attempts_total\{outcome="sent"\} [1-9]/m);
  });

  it('name nobody and nothing of an organization', async () => {
    const text = await counters();
    expect(text).not.toMatch(personal);
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });
});

describe('logs', () => {
  it('have lines with ids and codes, and nothing of people, databases, statements or secrets', () => {
    expect(lines.length).toBeGreaterThan(25);
    expect(lines.filter((line) => line.includes('"code":"FORBIDDEN"'))).toHaveLength(1);
    expect(lines.filter((line) => personal.test(line))).toEqual([]);
    expect(lines.filter((line) => /select\b.*\bfrom\b/i.test(line))).toEqual([]);
    expect(lines.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([]);
    expect(lines.filter((line) => /daam_[a-z]{3}_|Bearer /.test(line))).toEqual([]);
  });
});

describe('without configuration', () => {
  it('there are no counters', async () => {
    await using bare = await startTestControlPlane();
    expect((await bare.send('/metrics')).status).toBe(404);
    expect(bare.controlPlane.metricsPort).toBeNull();
  });
});
