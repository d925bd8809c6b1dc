import type { ApiClient } from '@daam/shared/api/client';
import type { SignedPublication } from '@daam/shared/identity/publication-challenge';
import { publicationChallenge, publicationHashes } from '@daam/shared/identity/publication-challenge';
import { checkAssertion, type PasskeyProof } from '@daam/shared/identity/passkey-proof';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Begun, enroll, TestBrowser, TestDevice } from '../testing/browser.ts';
import { addUser, bootstrapOrg, startTestControlPlane, type TestControlPlane } from '../testing/start.ts';

/** Policies put in force by a passkey that signs just that document, and by two administrators. */
let now = Date.now();
let plane: TestControlPlane;
let org: Awaited<ReturnType<typeof bootstrapOrg>>;
let ada: Awaited<ReturnType<typeof addUser>>;
let eve: Awaited<ReturnType<typeof addUser>>;
/** Ada's device, signed in with her passkey. */
let laptop: ApiClient;
const adasPasskey = new FakeAuthenticator();
const evesPasskey = new FakeAuthenticator();
const params = { database: 'shop' };

beforeAll(async () => {
  plane = await startTestControlPlane({ deps: { clock: { now: () => now } } });
  org = await bootstrapOrg(plane, 'Publish');
  ada = await addUser(plane, org.admin, 'ada@publish.example', 'admin');
  eve = await addUser(plane, org.admin, 'eve@publish.example', 'admin');
  await enroll(new TestBrowser(plane), org.admin, { user: ada.id, authenticator: adasPasskey });
  await enroll(new TestBrowser(plane), org.admin, { user: eve.id, authenticator: evesPasskey });
  await org.admin.createDatabase({ body: { name: 'shop', databaseName: 'shop' } });
  const { accessToken } = await new TestDevice(plane).signIn(new TestBrowser(plane), adasPasskey);
  laptop = plane.client(accessToken);
});
afterAll(async () => await plane?.[Symbol.asyncDispose]());

const textOf = (name: string) =>
  `# why ${name}\ndatabase: shop\npolicies:\n  - name: ${name}\n    grants: [{ table: public.orders, operations: [select] }]\n`;
const revisionNow = async () => (await org.admin.getPolicies({ params })).revision;
const browser = () => new TestBrowser(plane);
const open = async (flow: string) =>
  await browser().call<Begun & { readonly publication: Record<string, unknown> }>('/publish/begin', { flow });

type Body = Parameters<ApiClient['beginPublication']>[0]['body'];

async function prepare(body: Body, client = laptop) {
  const { id, url } = await client.beginPublication({ params, body });
  expect(url.startsWith(`${plane.controlPlane.url}/publish#`)).toBe(true);
  return { id, flow: new URL(url).hash.slice(1) };
}

async function finish(flow: string, authenticator = adasPasskey) {
  const page = browser();
  const credential = page.get(authenticator, { ...(await open(flow)), flow });
  return await page.call<{ revision: number }>('/publish/finish', { flow, credential });
}

async function draftOf(client: ApiClient, text: string): Promise<number> {
  const { edition } = await client.getPolicyDraft({ params }).catch(() => ({ edition: 0 }));
  return (await client.putPolicyDraft({ params, body: { text, edition } })).edition;
}

const codeOfCall = async (work: Promise<unknown>) =>
  await work.then(
    () => null,
    (error: { code?: string }) => error.code ?? 'none',
  );

describe('a publication', () => {
  it('takes a touch of its own from whoever sits at a screen and has a passkey, on every way into force', async () => {
    const before = await revisionNow();
    const text = textOf('alone');
    const document = { database: 'shop', policies: [{ name: 'alone' }] };
    const edition = await draftOf(laptop, text);
    const ways = [
      async () => await laptop.publishPolicies({ params, body: { text } }),
      async () => await laptop.putPolicies({ params, body: document }),
      async () => await laptop.publishPolicyDraft({ params, body: { edition, comment: 'x' } }),
    ];
    for (const way of ways) expect(await codeOfAsync(way())).toBe('TOUCH_REQUIRED');
    expect(await revisionNow()).toBe(before);
    await laptop.deletePolicyDraft({ params });
  });

  it('is made by the touch, from the draft that the page showed, and removes it', async () => {
    const edition = await draftOf(laptop, textOf('support'));
    const { id, flow } = await prepare({ kind: 'draft', edition, comment: 'first' });
    const { publication } = await open(flow);
    expect(publication).toMatchObject({ database: 'shop', comment: 'first', proposedBy: null });
    expect(publication['changes']).toContain('  + select on public.orders');
    const { revision } = await finish(flow);
    const { items } = await org.admin.listPolicyRevisions({ params, query: {} });
    expect(items[0]).toMatchObject({ revision, publication: id, isSigned: true, comment: 'first' });
    expect(items[0]?.author?.email).toBe('ada@publish.example');
    expect(await codeOfAsync(laptop.getPolicyDraft({ params }))).toBe('NOT_FOUND');
    // The same once more is nothing, and needs nothing.
    expect((await laptop.publishPolicies({ params, body: { text: textOf('support') } })).revision).toBe(
      revision,
    );
  });

  it('leaves a proof that names database, base and document, and holds for no other', async () => {
    const base = await revisionNow();
    const text = textOf('proof');
    await finish((await prepare({ kind: 'document', text })).flow);
    const { items } = await org.admin.listActivity({ query: { action: 'policies.changed' } });
    const signed = items[0]?.detail['signed'] as { proof: PasskeyProof; said: SignedPublication };
    const { database, document } = await org.admin.getPolicies({ params });
    expect(signed.said).toEqual({
      org: org.orgId,
      user: ada.id,
      database: database.id,
      base,
      ...publicationHashes(document, text),
      proposal: null,
      comment: '',
    });
    const check = (said: SignedPublication) =>
      checkAssertion({
        proof: signed.proof,
        challenge: publicationChallenge(said, signed.proof.nonce),
        passkeys: [adasPasskey.passkey],
        relyingParty: { id: 'localhost', origins: [new URL(plane.controlPlane.url).origin] },
      });
    expect(check(signed.said)).toBeNull();
    expect(check({ ...signed.said, base: base + 1 })).toBe('wrong-challenge');
  });

  it('of more lines than a page shows is not prepared', async () => {
    const users = Array.from({ length: 400 }, (_, n) => `u${n}@publish.example`).join(', ');
    const policies = Array.from(
      { length: 13 },
      (_, n) => `  - name: p${n}\n    assign: { users: [${users}] }\n`,
    );
    const text = `database: shop\npolicies:\n${policies.join('')}`;
    expect(await codeOfAsync(prepare({ kind: 'document', text }))).toBe('INVALID_INPUT');
  });

  it('restores an earlier revision by a touch', async () => {
    const restore = { kind: 'restore', revision: 1, comment: 'back' } as const;
    const direct = laptop.restorePolicyRevision({ params: { ...params, revision: '1' }, body: {} });
    expect(await codeOfAsync(direct)).toBe('TOUCH_REQUIRED');
    await finish((await prepare(restore)).flow);
    const { items } = await org.admin.listPolicyRevisions({ params, query: {} });
    expect(items[0]).toMatchObject({ kind: 'restored', restoredFrom: 1, isSigned: true });
  });

  it('is not made by another passkey, twice, too late, or over another revision', async () => {
    const foreign = await prepare({ kind: 'document', text: textOf('one') });
    expect(await codeOfCall(finish(foreign.flow, evesPasskey))).toBe('UNAUTHENTICATED');
    expect(await codeOfCall(finish(foreign.flow))).toBe('UNAUTHENTICATED');
    const twice = await prepare({ kind: 'document', text: textOf('two') });
    const page = browser();
    const credential = page.get(adasPasskey, { ...(await open(twice.flow)), flow: twice.flow });
    await page.call('/publish/finish', { flow: twice.flow, credential });
    const again = page.call('/publish/finish', { flow: twice.flow, credential });
    expect(await codeOfCall(again)).toBe('UNAUTHENTICATED');
    const stale = await prepare({ kind: 'document', text: textOf('three') });
    const begun = { ...(await open(stale.flow)), flow: stale.flow };
    await org.admin.publishPolicies({ params, body: { text: textOf('meanwhile') } });
    const late = page.call('/publish/finish', {
      flow: stale.flow,
      credential: page.get(adasPasskey, begun),
    });
    expect(await codeOfCall(late)).toBe('CONFLICT');
    const old = await prepare({ kind: 'document', text: textOf('four') });
    now += 11 * 60_000;
    expect(await codeOfCall(open(old.flow))).toBe('UNAUTHENTICATED');
    expect((await org.admin.getPolicies({ params })).text).toBe(textOf('meanwhile'));
  });

  it('of a draft that was saved since is refused', async () => {
    const edition = await draftOf(laptop, textOf('early'));
    const { flow } = await prepare({ kind: 'draft', edition, comment: 'x' });
    await draftOf(laptop, textOf('later'));
    expect(await codeOfCall(open(flow))).toBe('CONFLICT');
    await laptop.deletePolicyDraft({ params });
  });

  it('is prepared by administrators with a passkey alone, and not of nothing', async () => {
    const body = { kind: 'document', text: textOf('mine') } as const;
    expect(await codeOfAsync(org.admin.beginPublication({ params, body }))).toBe('CONFLICT');
    const member = await addUser(plane, org.admin, 'sam@publish.example');
    expect(await codeOfAsync(member.client.beginPublication({ params, body }))).toBe('FORBIDDEN');
    const { text } = await org.admin.getPolicies({ params });
    const same = laptop.beginPublication({ params, body: { kind: 'document', text } });
    expect(await codeOfAsync(same)).toBe('CONFLICT');
  });
});

describe('programs', () => {
  it('publish by the scope for it alone, and not where everybody has to touch', async () => {
    const make = async (name: string, scopes: ('policies:write' | 'policies:publish')[]) =>
      plane.client((await org.admin.createServiceAccount({ body: { name, role: 'admin', scopes } })).token);
    const [writer, publisher] = [
      await make('writer', ['policies:write']),
      await make('publisher', ['policies:publish']),
    ];
    const body = { text: textOf('robot') };
    expect(await codeOfAsync(writer.publishPolicies({ params, body }))).toBe('FORBIDDEN');
    expect((await publisher.publishPolicies({ params, body })).policies[0]?.name).toBe('robot');
    await org.admin.putPolicySettings({ body: { touch: 'always', secondApprover: false } });
    const more = { text: textOf('robots') };
    for (const client of [publisher, org.admin]) {
      expect(await codeOfAsync(client.publishPolicies({ params, body: more }))).toBe('TOUCH_REQUIRED');
    }
    await org.admin.putPolicySettings({ body: { touch: 'auto', secondApprover: false } });
  });
});

describe('two administrators', () => {
  beforeAll(async () => {
    await org.admin.putPolicySettings({ body: { touch: 'auto', secondApprover: true } });
  });

  async function propose(text: string, client = eve.client) {
    const edition = await draftOf(client, text);
    return await client.proposePolicies({ params, body: { edition, comment: 'please' } });
  }

  it('are needed on every way into force, also for programs', async () => {
    const body = { text: textOf('lonely') };
    const { token } = await org.admin.createServiceAccount({
      body: { name: 'alone', role: 'admin', scopes: ['policies:publish', 'policies:write'] },
    });
    for (const client of [org.admin, laptop, plane.client(token)]) {
      expect(await codeOfAsync(client.publishPolicies({ params, body }))).toBe('SECOND_PERSON_REQUIRED');
    }
    const begun = laptop.beginPublication({ params, body: { kind: 'document', ...body } });
    expect(await codeOfAsync(begun)).toBe('SECOND_PERSON_REQUIRED');
    const edition = await draftOf(plane.client(token), textOf('robot'));
    const proposed = plane.client(token).proposePolicies({ params, body: { edition, comment: 'x' } });
    expect(await codeOfAsync(proposed)).toBe('FORBIDDEN');
  });

  it('publish what the one proposed by the touch of the other, never one’s own', async () => {
    const proposal = await propose(textOf('both'));
    const body = { kind: 'proposal', proposal: proposal.id } as const;
    const own = { params: { ...params, proposal: proposal.id } };
    expect(await codeOfAsync(eve.client.publishPolicyProposal(own))).toBe('FORBIDDEN');
    expect(await codeOfAsync(eve.client.beginPublication({ params, body }))).toBe('FORBIDDEN');
    expect(await codeOfAsync(laptop.publishPolicyProposal(own))).toBe('TOUCH_REQUIRED');
    // What eve does to her draft afterwards changes nothing of what she proposed.
    await draftOf(eve.client, textOf('other'));
    const { flow } = await prepare(body);
    expect((await open(flow)).publication).toMatchObject({ proposedBy: 'eve@publish.example' });
    await finish(flow);
    const { items } = await org.admin.listPolicyRevisions({ params, query: {} });
    expect(items[0]).toMatchObject({ isSigned: true, comment: 'please' });
    expect([items[0]?.author?.email, items[0]?.proposedBy?.email]).toEqual([
      'ada@publish.example',
      'eve@publish.example',
    ]);
    expect((await org.admin.getPolicies({ params })).text).toBe(textOf('both'));
    const closed = await org.admin.getPolicyProposal(own);
    expect([closed.state, closed.closedBy?.email]).toEqual(['published', 'ada@publish.example']);
    expect(await codeOfAsync(org.admin.publishPolicyProposal(own))).toBe('CONFLICT');
    await eve.client.deletePolicyDraft({ params });
  });

  it('see what a proposal changes, decline it with a word, or withdraw their own', async () => {
    const proposal = await propose(textOf('worse'));
    const own = { params: { ...params, proposal: proposal.id } };
    const shown = await laptop.getPolicyProposal(own);
    expect(shown.difference.policies.map(({ name, status }) => [name, status])).toContainEqual([
      'worse',
      'added',
    ]);
    const silent = laptop.closePolicyProposal({ ...own, body: {} });
    expect(await codeOfAsync(silent)).toBe('INVALID_INPUT');
    const declined = await laptop.closePolicyProposal({ ...own, body: { note: 'too much' } });
    expect([declined.state, declined.note]).toEqual(['declined', 'too much']);
    const second = await propose(textOf('worst'));
    const withdrawn = await eve.client.closePolicyProposal({
      params: { ...params, proposal: second.id },
      body: {},
    });
    expect(withdrawn.state).toBe('withdrawn');
    await eve.client.deletePolicyDraft({ params });
  });

  it('keep what came to nothing up to a number', async () => {
    for (let n = 0; n < 24; n++) {
      const { id } = await propose(textOf(`try-${n}`));
      await eve.client.closePolicyProposal({ params: { ...params, proposal: id }, body: {} });
      await eve.client.deletePolicyDraft({ params });
    }
    const { items } = await org.admin.listPolicyProposals({ params, query: { limit: 200 } });
    const closed = items.filter(({ state }) => state === 'withdrawn' || state === 'declined');
    // The newest was closed after the last one was made.
    expect(closed).toHaveLength(21);
    expect(items.some(({ state }) => state === 'published')).toBe(true);
  }, 60_000);

  it('do not publish a proposal whose base is gone, or whose author is no administrator any more', async () => {
    const [stale, orphan] = [await propose(textOf('stale')), await propose(textOf('orphan'))];
    await org.admin.updateUser({ params: { id: eve.id }, body: { role: 'member' } });
    const begin = (id: string) =>
      laptop.beginPublication({ params, body: { kind: 'proposal', proposal: id } });
    expect(await codeOfAsync(begin(orphan.id))).toBe('CONFLICT');
    await org.admin.updateUser({ params: { id: eve.id }, body: { role: 'admin' } });
    await finish((await prepare({ kind: 'proposal', proposal: orphan.id })).flow);
    expect(await codeOfAsync(begin(stale.id))).toBe('CONFLICT');
    const { items } = await org.admin.listPolicyProposals({ params, query: {} });
    expect(items.find(({ id }) => id === stale.id)?.state).toBe('stale');
  });
});

describe('settings of publications', () => {
  it('want a recent sign-in of whoever has a passkey, are recorded, and keep one administrator from locking themselves out', async () => {
    now += 60 * 60_000;
    const body = { touch: 'never', secondApprover: false } as const;
    const { accessToken } = await new TestDevice(plane).signIn(browser(), adasPasskey);
    const fresh = plane.client(accessToken);
    expect(await fresh.putPolicySettings({ body })).toEqual(body);
    const { items } = await org.admin.listActivity({ query: { action: 'policy_settings.changed' } });
    expect(items[0]).toMatchObject({
      before: { touch: 'auto', secondApprover: true },
      after: { touch: 'never', secondApprover: false },
    });
    const strict = { touch: 'auto', secondApprover: false } as const;
    expect(await fresh.putPolicySettings({ body: strict })).toEqual(strict);
    now += 6 * 60_000;
    // Asking for less, and making a program that publishes, take a touch of fewer minutes.
    const publisher = { name: 'late', role: 'admin', scopes: ['policies:publish'] } as const;
    const make = fresh.createServiceAccount({ body: { ...publisher, scopes: [...publisher.scopes] } });
    expect(await codeOfAsync(make)).toBe('STEP_UP_REQUIRED');
    expect(await codeOfAsync(fresh.putPolicySettings({ body }))).toBe('STEP_UP_REQUIRED');
    expect(await codeOfAsync(ada.client.putPolicySettings({ body }))).toBe('STEP_UP_REQUIRED');
    const reader = { name: 'reader', scopes: ['audit:read' as const] };
    expect((await fresh.createServiceAccount({ body: reader })).serviceAccount.name).toBe('reader');
    now += 10 * 60_000;
    expect(await codeOfAsync(fresh.putPolicySettings({ body: strict }))).toBe('STEP_UP_REQUIRED');
    const single = await bootstrapOrg(plane, 'Single');
    const both = { touch: 'auto', secondApprover: true } as const;
    expect(await codeOfAsync(single.admin.putPolicySettings({ body: both }))).toBe('CONFLICT');
  });
});
