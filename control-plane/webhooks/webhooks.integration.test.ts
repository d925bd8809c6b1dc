import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger } from '@daam/shared/base/logger';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane } from '../app.ts';
import { addUser, bootstrapOrg, startTestControlPlane, type TestControlPlane } from '../testing/start.ts';

/** Webhooks against a receiver on this machine, which the configuration of these tests allows; time is told. */
let now = Date.parse('2030-01-01T00:00:00Z');
const clock = { now: () => now };

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const received: Received[] = [];
let answer: { status: number; headers?: Record<string, string> } = { status: 200 };
let receiver: Server;
let port: number;
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
/** What the names of these tests resolve to; the last answer stays. */
const names = new Map<string, string[][]>();

const resolve = async (host: string): Promise<readonly string[]> => {
  const answers = names.get(host) ?? [];
  const [first] = answers;
  if (first === undefined) throw new Error('ENOTFOUND');
  if (answers.length > 1) answers.shift();
  return first;
};

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      received.push({ path: request.url ?? '', headers: request.headers, body });
      response.writeHead(answer.status, answer.headers).end('thank you');
    });
  });
  await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
  ({ port } = receiver.address() as AddressInfo);
  const deps = { clock, scheduleMs: 10, resolve };
  plane = await startTestControlPlane({ deps, webhooks: { allowedAddresses: ['127.0.0.1'] } });
  org = await bootstrapOrg(plane, 'Hooks');
});
afterAll(async () => {
  await plane?.[Symbol.asyncDispose]();
  receiver?.close();
});
afterEach(async () => {
  for (const { id } of (await org.admin.listWebhooks()).items) {
    await org.admin.deleteWebhook({ params: { id } });
  }
  received.length = 0;
  answer = { status: 200 };
});

const hook = async (over: object = {}) =>
  await org.admin.createWebhook({
    body: { name: 'chat', url: `http://127.0.0.1:${port}/in?k=v`, events: ['group.*'], ...over },
  });
const makeGroup = async (name: string) => await org.admin.createGroup({ body: { name } });
const arrived = async (count: number) =>
  await expect.poll(() => received.length, { timeout: 10_000, interval: 5 }).toBe(count);
const deliveries = async (id: string) => (await org.admin.listWebhookDeliveries({ params: { id } })).items;
const logged = async (id: string, attempts: number) => {
  await expect
    .poll(async () => (await deliveries(id))[0]?.attempts.length, { timeout: 10_000, interval: 10 })
    .toBe(attempts);
  const [delivery] = await deliveries(id);
  if (delivery === undefined) throw new Error('there is a delivery');
  return delivery;
};

/** What docs/webhooks.md tells a receiver to do. */
function verifies({ headers, body }: Received, secret: string): boolean {
  const parts = String(headers['daam-signature']).split(',');
  const seconds = parts[0]?.slice(2) ?? '';
  if (Math.abs(now / 1000 - Number(seconds)) > 300) return false;
  const expected = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return parts.slice(1).includes(`v1=${expected}`);
}

describe('a webhook', () => {
  it('gets what it asked for, signed, with who did what', async () => {
    const { webhook, secret } = await hook();
    await org.admin.createUser({ body: { email: 'other@hooks.example' } });
    const group = await makeGroup('one');
    await arrived(1);
    const [message] = received as [Received];
    expect(message.path).toBe('/in?k=v');
    expect(message.headers).toMatchObject({
      'content-type': 'application/json',
      'daam-event': 'group.created',
    });
    expect(JSON.parse(message.body)).toEqual({
      id: message.headers['daam-event-id'],
      type: 'group.created',
      at: new Date(now).toISOString(),
      organization: org.orgId,
      actor: { kind: 'user', id: expect.any(String), label: 'admin@hooks.example' },
      target: { kind: 'group', id: group.id, label: 'one' },
      detail: {},
      before: null,
      after: { name: 'one' },
    });
    expect(verifies(message, secret)).toBe(true);
    expect(verifies({ ...message, body: `${message.body} ` }, secret)).toBe(false);
    expect(verifies(message, `${secret}x`)).toBe(false);
    const delivery = await logged(webhook.id, 1);
    expect(delivery).toMatchObject({
      id: message.headers['daam-delivery-id'],
      state: 'delivered',
      nextAttemptAt: null,
      attempts: [{ status: 200, failure: null }],
    });
  });

  it('gets it again after 500s, later each time, until it says 200', async () => {
    answer = { status: 500 };
    const { webhook, secret } = await hook();
    await makeGroup('two');
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const delivery = await logged(webhook.id, attempt);
      expect(delivery).toMatchObject({ state: 'pending' });
      expect(delivery.attempts.at(-1)).toMatchObject({ status: 500, failure: 'status' });
      const waitMs = Date.parse(delivery.nextAttemptAt ?? '') - now;
      const base = 10_000 * 2 ** (attempt - 1);
      expect(waitMs).toBeGreaterThanOrEqual(base * 0.5);
      expect(waitMs).toBeLessThanOrEqual(base * 1.5);
      expect(received).toHaveLength(attempt);
      if (attempt === 3) answer = { status: 204 };
      now += waitMs;
    }
    expect(await logged(webhook.id, 4)).toMatchObject({ state: 'delivered' });
    expect(new Set(received.map(({ headers }) => headers['daam-event-id'])).size).toBe(1);
    expect(received.slice(-1).every((message) => verifies(message, secret))).toBe(true);
  });

  it('is given up after the last attempt, and may be sent again by hand', async () => {
    answer = { status: 503 };
    const { webhook } = await hook();
    await makeGroup('three');
    for (let attempt = 1; attempt <= 15; attempt += 1) {
      await logged(webhook.id, attempt);
      now += 24 * 3_600_000;
    }
    const failed = await logged(webhook.id, 15);
    expect(failed.state).toBe('failed');
    answer = { status: 200 };
    const params = { id: webhook.id, delivery: failed.id };
    const again = await org.admin.redeliverWebhook({ params });
    expect(again).toMatchObject({ state: 'pending', event: failed.event });
    await arrived(16);
    expect(received.at(-1)?.headers['daam-event-id']).toBe(failed.event.id);
  });

  it('that redirects is not followed', async () => {
    answer = { status: 307, headers: { location: `http://127.0.0.1:${port}/elsewhere` } };
    const { webhook } = await hook();
    await makeGroup('four');
    expect((await logged(webhook.id, 1)).attempts).toMatchObject([{ status: 307, failure: 'redirect' }]);
    expect(received.map(({ path }) => path)).toEqual(['/in?k=v']);
  });

  it('that is switched off gets nothing, and what it did not ask for neither', async () => {
    const { webhook } = await hook();
    await org.admin.updateWebhook({ params: { id: webhook.id }, body: { enabled: false } });
    await makeGroup('five');
    await org.admin.updateWebhook({
      params: { id: webhook.id },
      body: { enabled: true, events: ['group.deleted'] },
    });
    const group = await makeGroup('six');
    await org.admin.deleteGroup({ params: { id: group.id } });
    await arrived(1);
    expect(received[0]?.headers['daam-event']).toBe('group.deleted');
    expect(await deliveries(webhook.id)).toHaveLength(1);
  });

  it('can be tried out, and gets both signatures for a day after its secret was changed', async () => {
    const { webhook, secret } = await hook();
    const params = { id: webhook.id };
    const renewed = await org.admin.rotateWebhookSecret({ params });
    await org.admin.testWebhook({ params });
    await arrived(1);
    const [first] = received as [Received];
    expect([verifies(first, secret), verifies(first, renewed.secret)]).toEqual([true, true]);
    expect(first.headers['daam-event']).toBe('webhook.test');
    now += 24 * 3_600_000;
    await org.admin.testWebhook({ params });
    await arrived(2);
    const second = received[1] as Received;
    expect([verifies(second, secret), verifies(second, renewed.secret)]).toEqual([false, true]);
  });

  it('keeps its secret out of the database, the audit and every answer but the first', async () => {
    const { webhook, secret } = await hook();
    const shown = JSON.stringify([
      await org.admin.listWebhooks(),
      await org.admin.listActivity({ query: { limit: 500 } }),
      await org.admin.updateWebhook({ params: { id: webhook.id }, body: { name: 'other' } }),
    ]);
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain('whsec_');
    const client = new Client({ connectionString: plane.dsn });
    await client.connect();
    try {
      const { rows } = await client.query('select w::text as text from webhooks w');
      expect(JSON.stringify(rows)).not.toContain(secret.slice(6));
    } finally {
      await client.end();
    }
  });

  it('tells of a request without what people wrote', async () => {
    await hook({ events: ['request.*'] });
    const dev = await addUser(plane, org.admin, 'dev@hooks.example');
    await org.admin.createDatabase({ body: { name: 'shop', databaseName: 'shop' } });
    await org.admin.putRequestSettings({ body: { discoverable: 'all' } });
    const access = { tables: [{ table: 'public.payments' }] };
    const body = { database: 'shop', access, reason: 'the secret of customer 17', ticket: 'T-secret' };
    const { id } = await dev.client.createRequest({ body });
    await org.admin.denyRequest({ params: { id }, body: { note: 'a secret note' } });
    await arrived(2);
    const types = new Set(received.map(({ headers }) => headers['daam-event']));
    expect(types).toEqual(new Set(['request.created', 'request.denied']));
    expect(JSON.stringify(received)).not.toContain('secret');
  });

  it('gets each event once from two replicas, and from another replica when one died with it', async () => {
    const deps = { logger: silentLogger, clock, scheduleMs: 5, resolve };
    await using _second = await startControlPlane(plane.config, deps);
    const { webhook } = await hook();
    for (let i = 0; i < 20; i += 1) await makeGroup(`many ${i}`);
    await arrived(20);
    await expect
      .poll(async () => (await deliveries(webhook.id)).every(({ state }) => state === 'delivered'), {
        timeout: 10_000,
      })
      .toBe(true);
    expect(new Set(received.map(({ headers }) => headers['daam-event-id'])).size).toBe(20);
    // What a replica leaves that was killed in the middle of an attempt: a lease, and no attempt.
    const client = new Client({ connectionString: plane.dsn });
    await client.connect();
    try {
      await client.query(
        `update webhook_deliveries set state = 'pending', attempts = 7, next_attempt_at = $2
          where id = (select id from webhook_deliveries where webhook_id = $1 limit 1)`,
        [webhook.id, new Date(now + 60_000)],
      );
    } finally {
      await client.end();
    }
    now += 60_000;
    await arrived(21);
  });
});

describe('addresses', () => {
  /** A control plane whose operator allows nothing. */
  let strict: TestControlPlane;
  let strictAdmin: (typeof org)['admin'];

  beforeAll(async () => {
    strict = await startTestControlPlane({ deps: { clock, scheduleMs: 10, resolve } });
    strictAdmin = (await bootstrapOrg(strict, 'Strict')).admin;
  });
  afterAll(async () => await strict?.[Symbol.asyncDispose]());

  it.each([
    'https://169.254.169.254/latest/meta-data',
    'https://localhost/in',
    'https://a.localhost/in',
    'https://127.0.0.2/in',
    'https://2130706434/in',
    'https://[::1]/in',
    'https://[::ffff:10.0.0.1]/in',
    'https://10.0.0.1/in',
    'http://8.8.8.8/in',
    'https://user:password@example.com/in',
    'file:///etc/passwd',
    'https://example.com/in#fragment',
  ])('%s is refused when it is named', async (url) => {
    const body = { name: 'x', url };
    expect(await codeOfAsync(strictAdmin.createWebhook({ body }))).toBe('INVALID_INPUT');
  });

  it.each([
    ['the metadata address', [['169.254.169.254']], 'address-refused'],
    ['a private network', [['10.0.0.7']], 'address-refused'],
    ['the loopback of IPv6', [['::1']], 'address-refused'],
    ['one public and one private address', [['8.8.8.8', '192.168.0.1']], 'address-refused'],
    ['nothing', [], 'dns-failed'],
  ])('a name that stands for %s is not called', async (_, answers, failure) => {
    names.set('hooks.example', answers.length === 0 ? [] : answers);
    const { webhook } = await hook({ url: 'https://hooks.example/in' });
    await makeGroup(`name ${failure} ${answers.join()}`);
    expect((await logged(webhook.id, 1)).attempts).toMatchObject([{ status: null, failure }]);
    expect(received).toEqual([]);
  });

  it('a name that answers otherwise a moment later is called where it was looked at', async () => {
    names.set('rebinding.example', [['127.0.0.1'], ['10.0.0.7']]);
    const { webhook } = await hook({ url: `http://rebinding.example:${port}/in` });
    await makeGroup('rebound');
    await arrived(1);
    expect(received[0]?.headers.host).toBe(`rebinding.example:${port}`);
    now += 1_000;
    await org.admin.testWebhook({ params: { id: webhook.id } });
    expect((await logged(webhook.id, 1)).attempts).toMatchObject([{ failure: 'address-refused' }]);
    expect(received).toHaveLength(1);
  });

  it('this machine is not called unless the operator says so', async () => {
    names.set('here.example', [['127.0.0.1']]);
    const { webhook } = await strictAdmin.createWebhook({
      body: { name: 'x', url: `https://here.example:${port}/in` },
    });
    await strictAdmin.testWebhook({ params: { id: webhook.id } });
    const attempts = async () =>
      (await strictAdmin.listWebhookDeliveries({ params: { id: webhook.id } })).items[0]?.attempts;
    await expect.poll(attempts, { timeout: 10_000 }).toMatchObject([{ failure: 'address-refused' }]);
    expect(received).toEqual([]);
  });
});

describe('webhooks of another organization', () => {
  it('are not there', async () => {
    const { webhook } = await hook();
    await makeGroup('foreign');
    const delivery = await logged(webhook.id, 1);
    const { admin } = await bootstrapOrg(plane, `Other${Math.random().toString(36).slice(2)}`);
    const params = { id: webhook.id };
    const attempts = [
      async () => await admin.updateWebhook({ params, body: { enabled: false } }),
      async () => await admin.deleteWebhook({ params }),
      async () => await admin.rotateWebhookSecret({ params }),
      async () => await admin.testWebhook({ params }),
      async () => await admin.listWebhookDeliveries({ params }),
      async () => await admin.redeliverWebhook({ params: { ...params, delivery: delivery.id } }),
    ];
    for (const attempt of attempts) expect(await codeOfAsync(attempt())).toBe('NOT_FOUND');
    expect((await admin.listWebhooks()).items).toEqual([]);
  });
});
