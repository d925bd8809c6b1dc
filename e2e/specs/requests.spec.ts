/**
 * An access request through its whole life, against one psql session that never reconnects: the table is denied, the
 * developer asks with `daam request`, somebody else approves, rows flow, the window ends, the table is denied again.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiClient, createClient } from '@daam/shared/api/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Psql } from './interactive-psql.ts';
import { type RunningSystem, startRunningSystem } from './running-system.ts';
import { findTool, type Outcome, run } from './tools.ts';

const hasPsql = findTool('psql', 'what an open psql session sees of an access request') !== null;
const cli = join(import.meta.dirname, '..', '..', 'desktop', 'cli', 'main.ts');
const count = 'SELECT count(*) FROM payments';
const denied = /42501/;
const rows = /^\d+$/;
const reason = 'looking into a refund that failed';

describe.skipIf(!hasPsql)('an access request', () => {
  let system: RunningSystem;
  let admin: ApiClient;
  let psql: Psql;
  const homes: string[] = [];
  const late: string[] = [];

  beforeAll(async () => {
    system = await startRunningSystem();
    admin = clientOf(system.ready.admin.apiToken);
    psql = new Psql(system.ready.developer.local.dsn);
  });

  afterAll(async () => {
    process.stdout.write(`${late.join('\n')}\n`);
    await psql?.end();
    await system?.[Symbol.asyncDispose]();
    for (const home of homes) rmSync(home, { recursive: true, force: true });
  });

  const clientOf = (token: string): ApiClient =>
    createClient({ baseUrl: system.ready.controlPlane.url, fetch, token: () => token });

  async function signedIn(token: string): Promise<(...args: string[]) => Promise<Outcome>> {
    const home = mkdtempSync(join(tmpdir(), 'daam-request-'));
    homes.push(home);
    const env = { DAAM_HOME: home, DAAM_SECRET_STORE: 'file', DAAM_TOKEN: token };
    const daam = async (...args: string[]): Promise<Outcome> =>
      await run(process.execPath, [cli, ...args], { env, timeoutMs: 120_000 });
    const login = await daam('login', '--control-plane', system.ready.controlPlane.url);
    if (login.code !== 0) throw new Error(login.stderr);
    return daam;
  }

  async function approver(email: string): Promise<string> {
    const user = await admin.createUser({ body: { email } });
    const { token } = await admin.createApiToken({ body: { name: 'test', user: user.id } });
    const group = await admin.createGroup({ body: { name: 'security' } });
    await admin.addGroupMember({ params: { id: group.id, user: user.id } });
    await admin.putRequestSettings({
      body: { rules: [{ approvers: { groups: [group.id], admins: false } }] },
    });
    return token;
  }

  const ask = async (): Promise<string> => await psql.ask(`${count};`);
  const becomes = async (what: RegExp, timeout: number): Promise<void> =>
    await expect.poll(ask, { timeout, interval: 20 }).toMatch(what);

  test('opens a denied table to a live session for its window, and closes it again', async () => {
    const developer = await signedIn(system.ready.developer.apiToken);
    const security = await signedIn(await approver('ada@example.com'));
    const pid = await psql.ask('SELECT pg_backend_pid();');
    expect(await ask()).toMatch(denied);

    const asked = await developer(
      'request',
      'new',
      'shop',
      '--tables',
      'public.payments',
      '--columns',
      'id,order_id',
      '--for',
      '1m',
      '--reason',
      reason,
      '--ticket',
      'OPS-17',
      '--json',
    );
    expect(asked).toMatchObject({ code: 2, stderr: '' });
    const { request } = JSON.parse(asked.stdout) as { request: { id: string; state: string } };
    expect(request.state).toBe('pending');
    expect(await ask()).toMatch(denied);
    expect((await developer('request', 'approve', request.id)).code).toBe(1);
    expect(await ask()).toMatch(denied);

    const waiting = developer('request', 'wait', request.id.slice(0, 8));
    expect((await security('request', 'list', '--inbox')).stdout).toContain(request.id.slice(0, 8));
    const approved = await security('request', 'approve', request.id, '--note', 'for the refund');
    expect(approved.code).toBe(0);
    await becomes(rows, 15_000);
    expect(await waiting).toMatchObject({ code: 0 });
    expect(Number(await ask())).toBeGreaterThan(0);
    expect(await psql.ask('SELECT order_id IS NOT NULL FROM payments LIMIT 1;')).toBe('t');
    expect(await psql.ask('SELECT count(amount) FROM payments;')).toBe('0');

    const view = await admin.getRequest({ params: { id: request.id } });
    const endsAt = Date.parse(view.window?.endsAt ?? '');
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, endsAt - Date.now() - 5_000)));
    expect(await ask()).toMatch(rows);
    await becomes(denied, 15_000);
    late.push(`window's end to the refusal: ${Date.now() - endsAt} ms`);
    expect(Date.now()).toBeGreaterThan(endsAt - 1_500);
    expect(await psql.ask('SELECT pg_backend_pid();')).toBe(pid);
    expect(psql.isOver).toBe(false);
    const stateNow = async () => (await admin.getRequest({ params: { id: request.id } })).state;
    await expect.poll(stateNow, { timeout: 30_000 }).toBe('expired');
    expect((await developer('request', 'show', request.id)).code).toBe(1);
  });

  test('ends on time although the control plane is away', async () => {
    await admin.putRequestSettings({ body: {} });
    const body = { database: 'shop', access: { tables: [{ table: 'public.payments' }] }, minutes: 1, reason };
    const { id } = await clientOf(system.ready.developer.apiToken).createRequest({ body });
    const { window } = await admin.approveRequest({ params: { id }, body: {} });
    const endsAt = Date.parse(window?.endsAt ?? '');
    await becomes(rows, 15_000);
    process.kill(system.ready.controlPlane.pid, 'SIGSTOP');
    try {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, endsAt - Date.now() - 5_000)));
      expect(await ask()).toMatch(rows);
      await becomes(denied, 15_000);
      late.push(`the same, with the control plane stopped: ${Date.now() - endsAt} ms`);
      expect(Date.now()).toBeGreaterThan(endsAt - 1_500);
    } finally {
      process.kill(system.ready.controlPlane.pid, 'SIGCONT');
    }
    const stateNow = async () => (await admin.getRequest({ params: { id } })).state;
    await expect.poll(stateNow, { timeout: 30_000 }).toBe('expired');
  });

  test('shows a masked column as it is until it is revoked', async () => {
    const one = 'SELECT email FROM customers WHERE id = 1;';
    expect(await psql.ask(one)).toMatch(/^\w\*\*\*@/);
    const developer = clientOf(system.ready.developer.apiToken);
    await admin.putRequestSettings({ body: {} });
    const body = {
      database: 'shop',
      access: { unmask: [{ column: 'public.customers.email' }] },
      minutes: 5,
      reason: 'a mail that bounced',
    };
    const { id } = await developer.createRequest({ body });
    await admin.approveRequest({ params: { id }, body: {} });
    await expect.poll(async () => await psql.ask(one), { timeout: 15_000 }).toMatch(/^\w[\w.]+@[\w.]+$/);
    expect(await psql.ask('SELECT phone FROM customers WHERE id = 1;')).toContain('*');
    await admin.revokeRequest({ params: { id }, body: { note: 'seen enough' } });
    await expect.poll(async () => await psql.ask(one), { timeout: 15_000 }).toMatch(/^\w\*\*\*@/);
  });
});
