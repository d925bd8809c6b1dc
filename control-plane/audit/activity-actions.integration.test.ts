import { randomUUID } from 'node:crypto';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestChain } from '../testing/audit-chain.ts';
import { approve, enroll, signIn, TestBrowser, TestDevice } from '../testing/browser.ts';
import { FeedClient } from '../testing/feed-client.ts';
import { addDatabase, addUser, bootstrapOrg, documentFor, startTestControlPlane } from '../testing/start.ts';
import type { TestControlPlane } from '../testing/start.ts';
import { type ActivityAction, activityKinds } from './activity.ts';

/** Every action that changes something is done once, and its record has to tell what was and what is. */
let now = Date.parse('2030-01-01T00:00:00Z');
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;

beforeAll(async () => {
  plane = await startTestControlPlane({ deps: { clock: { now: () => now }, scheduleMs: 20 } });
  org = await bootstrapOrg(plane, 'Actions');
}, 60_000);
afterAll(async () => await plane?.[Symbol.asyncDispose]());

type Item = Awaited<ReturnType<typeof org.admin.listActivity>>['items'][number];

async function recorded(): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const page = await org.admin.listActivity({
      query: { limit: 500, ...(after === undefined ? {} : { after }) },
    });
    items.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return items;
}

async function changePeople() {
  const { admin } = org;
  const user = await addUser(plane, admin, 'dev@actions.example');
  const other = await addUser(plane, admin, 'ada@actions.example', 'admin');
  await admin.updateUser({ params: { id: user.id }, body: { attributes: { region: 'north' } } });
  const group = await admin.createGroup({ body: { name: 'shop' } });
  await admin.addGroupMember({ params: { id: group.id, user: user.id } });
  await admin.removeGroupMember({ params: { id: group.id, user: user.id } });
  await admin.renameGroup({ params: { id: group.id }, body: { name: 'store' } });
  await admin.deleteGroup({ params: { id: group.id } });
  await changeServiceAccounts();
  const { apiToken } = await admin.createApiToken({ body: { name: 'spare' } });
  await admin.revokeApiToken({ params: { id: apiToken.id } });
  return { user, other };
}

async function changeServiceAccounts() {
  const { admin } = org;
  const { serviceAccount } = await admin.createServiceAccount({
    body: { name: 'ci', scopes: ['audit:read'] },
  });
  const params = { id: serviceAccount.id };
  await admin.updateServiceAccount({ params, body: { description: 'Exports the log.' } });
  await admin.rotateServiceToken({ params, body: {} });
  const token = serviceAccount.tokens[0]?.id ?? '';
  await admin.revokeServiceToken({ params: { ...params, token } });
  await admin.deleteServiceAccount({ params });
}

async function changePasskeys(user: string, other: string) {
  const { admin } = org;
  const [first, second, adas] = [new FakeAuthenticator(), new FakeAuthenticator(), new FakeAuthenticator()];
  await enroll(new TestBrowser(plane), admin, { user, authenticator: first });
  await enroll(new TestBrowser(plane), admin, { user: other, authenticator: adas });
  await enroll(new TestBrowser(plane), admin, { user, authenticator: second });
  const { items } = await admin.listOrganizationPasskeys();
  const held = items.find(({ isHeld }) => isHeld);
  const page = new TestBrowser(plane);
  await signIn(page, adas);
  await approve(page, adas, held?.id ?? '');
  const { accessToken, device } = await new TestDevice(plane).signIn(new TestBrowser(plane), first);
  const client = plane.client(accessToken);
  await client.renameDevice({ params: { id: device.id }, body: { name: 'Old laptop' } });
  await client.revokeDevice({ params: { id: device.id } });
  await admin.revokePasskey({ params: { id: held?.id ?? '' } });
}

async function changeDatabases(email: string) {
  const { admin } = org;
  const { agentId, credential } = await addDatabase(plane, admin, 'shop');
  const params = { database: 'shop' };
  await endOneSession({ agentId, credential });
  await admin.updateDatabase({ params, body: { description: 'The shop' } });
  await admin.putPolicies({ params, body: documentFor('shop', { users: [email] }) });
  await changePublications();
  const vouch = { kind: 'function', oid: 16_402, sourceHash: 'a'.repeat(64), name: 'public.f()' } as const;
  await admin.putVouched({ params, body: { vouched: [vouch] } });
  await admin.revokeAgent({ params: { id: agentId } });
  await addDatabase(plane, admin, 'gone');
  await admin.deleteDatabase({ params: { database: 'gone' }, query: { confirm: 'gone' } });
}

async function changePublications() {
  const { admin } = org;
  const params = { database: 'shop' };
  const text = 'database: shop\npolicies: []\n';
  await admin.putPolicyDraft({ params, body: { edition: 0, text } });
  const proposed = { edition: 1, comment: 'none for a day' };
  const { id: proposal } = await admin.proposePolicies({ params, body: proposed });
  await admin.closePolicyProposal({ params: { ...params, proposal }, body: {} });
  await admin.deletePolicyDraft({ params });
  for (const secondApprover of [true, false]) {
    await admin.putPolicySettings({ body: { touch: 'auto', secondApprover } });
  }
}

/** A session that the agent has, and ends when it is told to. */
async function endOneSession({ agentId, credential }: { agentId: string; credential: string }) {
  await using feed = await FeedClient.open(plane.controlPlane.port, credential);
  feed.say({ type: 'hello', version: '0.1.0', epoch: 0, can: ['end-session'] });
  await feed.nextBundle();
  const session = randomUUID();
  const chain = new TestChain(agentId);
  chain.append({ kind: 'session.opened', email: 'dev@actions.example', session, user: null }, now);
  await plane.client(credential).appendAudit({ body: { records: chain.records } });
  const ended = org.admin.endDatabaseSession({ params: { session }, body: { reason: 'left open' } });
  for (;;) {
    const message = await feed.next();
    if (message.type !== 'end-session') continue;
    feed.say({ type: 'session-ended', id: message.id, answer: { kind: 'ended', tookMs: 1 } });
    break;
  }
  await ended;
}

async function changeSettings() {
  const { admin } = org;
  const escalation = { minutes: 5, approvers: { admins: true } };
  const rules = [{ approvers: { admins: true }, required: 2, escalation }];
  const emergency = { enabled: true, anyone: true };
  const decisions = 'fresh-sign-in' as const;
  const freshSignIn = { required: 'never' } as const;
  await admin.putRequestSettings({ body: { discoverable: 'all', rules, emergency, decisions, freshSignIn } });
  await admin.putAuditRetention({ body: { connections: 100, statements: null, activity: null } });
  await admin.putNotificationPreferences({ body: { events: ['group.*'] } });
  const { webhook } = await admin.createWebhook({
    body: { name: 'hook', url: 'https://hooks.example/in', events: ['webhook.test'] },
  });
  await admin.updateWebhook({ params: { id: webhook.id }, body: { enabled: false } });
  await admin.deleteWebhook({ params: { id: webhook.id } });
}

async function changeRequests(dev: typeof org.admin, ada: typeof org.admin) {
  const { admin } = org;
  const access = { tables: [{ table: 'public.payments' }] };
  const ask = async (further: object = {}) =>
    await dev.createRequest({
      body: { database: 'shop', access, minutes: 10, reason: 'a refund that failed', ...further },
    });
  const { id } = await ask();
  await admin.approveRequest({ params: { id }, body: {} });
  await ada.approveRequest({ params: { id }, body: {} });
  await admin.denyRequest({ params: { id: (await ask()).id }, body: { note: 'no' } });
  await dev.revokeRequest({ params: { id: (await ask()).id }, body: {} });
  const opened = await ask({ emergency: true });
  await admin.reviewRequest({ params: { id: opened.id }, body: { outcome: 'justified', note: 'it was' } });
  const unanswered = await ask();
  now += 11 * 60_000;
  const escalatesAt = async () =>
    (await dev.getRequest({ params: { id: unanswered.id } })).approval.escalatesAt;
  await expect.poll(escalatesAt, { timeout: 20_000 }).toBeNull();
  const isOver = async () => (await dev.getRequest({ params: { id } })).state;
  await expect.poll(isOver, { timeout: 20_000 }).toBe('expired');
}

describe('the records of what was done', () => {
  it('tell what was there before and what is there after, for every action that changes something', async () => {
    const { user, other } = await changePeople();
    await changePasskeys(user.id, other.id);
    await changeDatabases('dev@actions.example');
    await changeSettings();
    await changeRequests(user.client, other.client);
    const items = await recorded();
    const seen = new Set(items.map(({ action }) => action));
    const changing = (Object.keys(activityKinds) as ActivityAction[]).filter(
      (action) => activityKinds[action] !== 'told',
    );
    expect(changing.filter((action) => !seen.has(action))).toEqual([]);
    expect(items.flatMap(({ action, before, after }) => faultOf(action, before, after))).toEqual([]);
  }, 120_000);

  it('have neither where nothing is changed by what they tell', async () => {
    const told = (await recorded()).filter(({ action }) => kindOf(action) === 'told');
    expect(told.map(({ action }) => action)).toContain('user.invited');
    expect(told.filter(({ before, after }) => before !== null || after !== null)).toEqual([]);
  });

  it('say how a value changed, and name attributes without their values', async () => {
    const items = await recorded();
    const of = (action: ActivityAction) => items.find((item) => item.action === action);
    expect(of('device.renamed')).toMatchObject({ before: { name: 'Laptop' }, after: { name: 'Old laptop' } });
    expect(of('user.updated')).toMatchObject({
      before: { attributes: [] },
      after: { attributes: ['region'] },
    });
    expect(JSON.stringify(of('user.updated'))).not.toContain('north');
    expect(of('database.deleted')).toMatchObject({ before: { name: 'gone', environment: 'production' } });
    expect(of('audit.retention_changed')).toMatchObject({
      before: { connections: null },
      after: { connections: 100 },
    });
  });
});

function kindOf(action: string) {
  return activityKinds[action as ActivityAction];
}

function faultOf(action: string, before: object | null, after: object | null): string[] {
  const has = { before: before !== null, after: after !== null };
  const isRight = {
    added: has.after,
    changed: has.before && has.after && JSON.stringify(before) !== JSON.stringify(after),
    removed: has.before,
    told: true,
  }[kindOf(action)];
  return isRight ? [] : [action];
}
