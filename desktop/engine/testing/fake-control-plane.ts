/** A control plane for tests: the routes that the engine uses, over real HTTP, with switches for what goes wrong. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RelayTicket } from '@daam/shared/api/schemas';
import { parsePolicyText } from '@daam/shared/policy/policy-text';
import type { AgentTarget, TunnelWay } from '../account.ts';
import { FakeSignIn } from './fake-sign-in.ts';

export const ids = {
  user: '00000000-0000-4000-8000-000000000001',
  org: '00000000-0000-4000-8000-000000000002',
  device: '00000000-0000-4000-8000-000000000003',
  database: '00000000-0000-4000-8000-000000000004',
  agent: '00000000-0000-4000-8000-000000000005',
} as const;

export interface FakeControlPlane extends AsyncDisposable {
  readonly url: string;
  /** The token that it takes. */
  readonly token: string;
  /** Method and path of every call, in order. */
  readonly calls: string[];
  /** Status to answer everything with, as an outage or a refusal; null for normal. */
  failWith: { readonly status: number; readonly code: string } | null;
  agent: AgentTarget | null;
  tunnel: TunnelWay | null;
  relay: RelayTicket | null;
  /** Seconds that certificates and grants live. */
  certificateLifetime: number;
  grantLifetime: number;
  /** Sign-ins before this time give no grant: the database wants a more recent one. Milliseconds since the Unix epoch. */
  stepUpSince: number;
  /** Milliseconds since the Unix epoch. */
  now: () => number;
  readonly signIn: FakeSignIn;
  /** The person's devices, as listed. */
  readonly devices: Record<string, unknown>[];
  readonly policy: { text: string; epoch: number };
  vouched: unknown[];
}

export async function startFakeControlPlane(): Promise<FakeControlPlane> {
  let wgKey = '';
  let signedInAt = 0;
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const fake: FakeControlPlane = {
    url: `http://127.0.0.1:${port}`,
    token: 'daam_pat_test0000000000000000',
    calls: [],
    failWith: null,
    agent: null,
    tunnel: null,
    relay: null,
    certificateLifetime: 3600,
    grantLifetime: 300,
    stepUpSince: 0,
    now: () => Date.now(),
    devices: [],
    signIn: new FakeSignIn({
      origin: () => `http://127.0.0.1:${port}`,
      signedIn: (key) => {
        wgKey = key;
        signedInAt = fake.now();
        return {
          accessToken: fake.token,
          expiresAt: expiry(fake.certificateLifetime),
          user: { id: ids.user, email: 'dev@example.com', name: 'Dev', role: 'member' },
          org: { id: ids.org, name: 'Example' },
          device: { id: ids.device, name: 'laptop' },
          certificate: certificateNow(),
          certificateExpiresAt: expiry(fake.certificateLifetime),
        };
      },
    }),
    policy: { text: 'database: shop\npolicies: []\n', epoch: 1 },
    vouched: [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = `${request.method} ${request.url?.split('?')[0]}`;
    fake.calls.push(call);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    if (fake.failWith !== null) return fail(response, fake.failWith.status, fake.failWith.code);
    const signedIn = fake.signIn.answer(call, body);
    if (signedIn !== null) return reply(response, signedIn.status, signedIn.value);
    if (request.headers.authorization !== `Bearer ${fake.token}`)
      return fail(response, 401, 'UNAUTHENTICATED');
    if (call.endsWith('/grant') && signedInAt < fake.stepUpSince)
      return fail(response, 401, 'STEP_UP_REQUIRED');
    const answer = answers[call]?.(body);
    if (answer === undefined) return fail(response, 404, 'NOT_FOUND');
    if (answer.status === 204) return void response.writeHead(204).end();
    reply(response, answer.status, answer.value);
  }

  const timestamp = '2030-01-01T00:00:00.000Z';
  const expiry = (lifetime: number): string => new Date(fake.now() + lifetime * 1000).toISOString();
  const certificateNow = (): string =>
    `e30.${encode({ wgKey, user: ids.user, device: ids.device, n: fake.calls.length })}.c2ln`;
  const answers: Record<string, (body: Record<string, unknown>) => { status: number; value: unknown }> = {
    'GET /api/v1/me': () => ({
      status: 200,
      value: {
        id: ids.user,
        email: 'dev@example.com',
        name: 'Dev',
        role: 'member',
        attributes: {},
        disabled: false,
        createdAt: timestamp,
        org: { id: ids.org, name: 'Example' },
        orgKeys: [],
        groups: [],
      },
    }),
    'POST /api/v1/devices': (body) => {
      wgKey = String(body['wgKey']);
      const { name, os } = body;
      return {
        status: 201,
        value: { id: ids.device, name, os, wgKey, createdAt: timestamp, revokedAt: null },
      };
    },
    [`POST /api/v1/devices/${ids.device}/certificate`]: () => ({
      status: 201,
      value: {
        certificate: certificateNow(),
        expiresAt: expiry(fake.certificateLifetime),
      },
    }),
    'GET /api/v1/devices': () => ({ status: 200, value: { items: fake.devices } }),
    [`PATCH /api/v1/devices/${ids.device}`]: (body) => ({
      status: 200,
      value: Object.assign(fake.devices[0] ?? {}, body),
    }),
    [`DELETE /api/v1/devices/${ids.device}`]: () => {
      Object.assign(fake.devices[0] ?? {}, { revokedAt: timestamp });
      return { status: 204, value: null };
    },
    'POST /api/v1/auth/sign-out': () => ({ status: 204, value: null }),
    'GET /api/v1/databases': () => ({
      status: 200,
      value: {
        items: [
          {
            id: ids.database,
            name: 'shop',
            databaseName: 'shop',
            environment: 'development',
            state: fake.agent === null ? 'offline' : 'online',
            policies: ['analyst'],
            agent: fake.agent,
            epoch: 1,
          },
        ],
      },
    }),
    [`POST /api/v1/databases/${ids.database}/grant`]: (body) => ({
      status: 201,
      value: {
        grant: `e30.${encode({ hash: body['certificateHash'], n: fake.calls.length })}.c2ln`,
        expiresAt: expiry(fake.grantLifetime),
        agent: fake.agent,
        tunnel: fake.tunnel,
        relay: fake.relay,
      },
    }),
    'GET /api/v1/databases/shop/policies': () => ({ status: 200, value: policyState() }),
    'GET /api/v1/databases/shop/vouched': () => ({ status: 200, value: vouchedState() }),
    'PUT /api/v1/databases/shop/vouched': (body) => {
      fake.vouched = body['vouched'] as unknown[];
      fake.policy.epoch += 1;
      return { status: 200, value: vouchedState() };
    },
    'POST /api/v1/databases/shop/policies/publish': (body) => {
      fake.policy.text = String(body['text']);
      fake.policy.epoch += 1;
      return { status: 200, value: policyState() };
    },
  };
  const vouchedState = (): unknown => ({
    database: { id: ids.database, name: 'shop' },
    epoch: fake.policy.epoch,
    vouched: fake.vouched,
  });
  const policyState = (): unknown => ({
    database: { id: ids.database, name: 'shop' },
    epoch: fake.policy.epoch,
    policies: [{ id: ids.org, name: 'analyst', version: 1 }],
    document: parsePolicyText(fake.policy.text),
    revision: fake.policy.epoch,
    text: fake.policy.text,
  });
  return fake;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function fail(response: ServerResponse, status: number, code: string): void {
  reply(response, status, { error: { code, message: `refused with ${code}`, requestId: 'r1' } });
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}
