import type { ApiClient } from '@daam/shared/api/client';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepCurrentPolicies } from '../db/migrations/0035-policy-revisions.ts';
import {
  addDatabase,
  addUser,
  bootstrapOrg,
  startTestControlPlane,
  type TestControlPlane,
} from '../testing/start.ts';

let plane: TestControlPlane;
let admin: ApiClient;
let second: ApiClient;
let ada: { readonly id: string; readonly client: ApiClient };
beforeAll(async () => {
  plane = await startTestControlPlane();
  ({ admin } = await bootstrapOrg(plane, 'Revisions'));
  ({ client: second } = await addUser(plane, admin, 'second@revisions.example', 'admin'));
  ada = await addUser(plane, admin, 'ada@revisions.example');
  await admin.createGroup({ body: { name: 'support' } });
});
afterAll(async () => {
  await plane[Symbol.asyncDispose]();
});

const text = (name: string) => `# the shop
database: ${name}
policies:
  - name: support # they answer the telephone
    grants:
      - { table: public.customers, operations: [select, update] }
    masks:
      - { column: public.customers.email, preset: email }
    assign: { users: [], groups: [support] }
`;

async function fresh(name: string) {
  await addDatabase(plane, admin, name);
  const params = { database: name };
  const state = await admin.publishPolicies({ params, body: { text: text(name), comment: 'first' } });
  return { params, state };
}

describe('revisions of policies', () => {
  it('keep the text with its comments, the author and the comment', async () => {
    const { params, state } = await fresh('kept');
    expect(state).toMatchObject({ revision: 1, text: text('kept') });
    await second.publishPolicies({
      params,
      body: { text: text('kept').replace('preset: email', 'preset: redact'), comment: 'stricter' },
    });
    const { items } = await admin.listPolicyRevisions({ params });
    expect(items.map(({ revision, comment, author }) => [revision, comment, author?.email])).toEqual([
      [2, 'stricter', 'second@revisions.example'],
      [1, 'first', 'admin@revisions.example'],
    ]);
    expect(items[0]).toMatchObject({
      changed: ['support'],
      added: [],
      policies: [{ name: 'support', version: 2 }],
    });
    const first = await admin.getPolicyRevision({ params: { ...params, revision: '1' } });
    expect(first.text).toBe(text('kept'));
    const versions = await admin.listPolicyVersions({ params, query: { policy: 'support' } });
    expect(versions.items.map(({ version, comment }) => [version, comment])).toEqual([
      [2, 'stricter'],
      [1, 'first'],
    ]);
  });

  it('are read in pages', async () => {
    const { params } = await fresh('pages');
    for (const preset of ['null', 'ssn', 'phone']) {
      const changed = text('pages').replace('preset: email', `preset: "${preset}"`);
      await admin.publishPolicies({ params, body: { text: changed } });
    }
    const one = await admin.listPolicyRevisions({ params, query: { limit: 3 } });
    expect(one.items.map(({ revision }) => revision)).toEqual([4, 3, 2]);
    const two = await admin.listPolicyRevisions({ params, query: { limit: 3, after: one.next ?? '' } });
    expect([two.items.map(({ revision }) => revision), two.next]).toEqual([[1], null]);
  });

  it('come only with a change: the same again is none, another comment in the text is one without an epoch', async () => {
    const { params, state } = await fresh('same');
    const again = await admin.publishPolicies({ params, body: { text: text('same') } });
    expect([again.revision, again.epoch]).toEqual([1, state.epoch]);
    const reworded = text('same').replace('# the shop', '# the shop in Berlin');
    const other = await admin.publishPolicies({ params, body: { text: reworded } });
    expect([other.revision, other.epoch, other.text]).toEqual([2, state.epoch, reworded]);
    const asObject = await admin.putPolicies({ params, body: other.document });
    expect([asObject.revision, asObject.text]).toEqual([2, reworded]);
  });

  it('keep the comments of a text when an object is published over it', async () => {
    const { params, state } = await fresh('object');
    const document = structuredClone(state.document) as { policies: { limits: object }[] };
    for (const policy of document.policies) policy.limits = { maxRows: 10 };
    const put = await admin.putPolicies({ params, body: document });
    expect(put.text).toContain('# they answer the telephone');
    expect(put.text).toContain('maxRows: 10');
  });

  it('are compared in rights and in lines', async () => {
    const { params } = await fresh('compared');
    await admin.publishPolicies({
      params,
      body: {
        text: text('compared').replace('select, update', 'select').replace('preset: email', 'preset: redact'),
      },
    });
    const { difference, unified } = await admin.comparePolicies({
      params,
      query: { from: '1', to: 'current' },
    });
    expect(difference.policies).toMatchObject([
      {
        name: 'support',
        status: 'changed',
        grants: [{ table: 'public.customers', added: [], removed: ['update'] }],
        masks: [{ column: 'public.customers.email', effect: 'stricter' }],
      },
    ]);
    expect(unified).toContain('-      - { table: public.customers, operations: [select, update] }');
    const empty = await admin.comparePolicies({ params, query: { from: '0', to: '1' } });
    expect(empty.difference.policies[0]?.status).toBe('added');
    expect(await codeOfAsync(admin.comparePolicies({ params, query: { from: '9' } }))).toBe('NOT_FOUND');
    expect(await codeOfAsync(admin.comparePolicies({ params, query: { from: 'draft' } }))).toBe('NOT_FOUND');
  });

  it('are put in force again as a new one, whole or one policy of them', async () => {
    const { params } = await fresh('restored');
    const two = `${text('restored').replace('preset: email', 'preset: redact')}  - name: reports\n`;
    await admin.publishPolicies({ params, body: { text: two } });
    const one = await admin.restorePolicyRevision({
      params: { ...params, revision: '1' },
      body: { policy: 'support', comment: 'as it was' },
    });
    expect(one.revision).toBe(3);
    expect(one.policies.map(({ name, version }) => [name, version])).toEqual([
      ['support', 3],
      ['reports', 1],
    ]);
    expect(one.text).toContain('preset: email');
    const whole = await admin.restorePolicyRevision({ params: { ...params, revision: '1' }, body: {} });
    expect([whole.revision, whole.text]).toEqual([4, text('restored')]);
    const { items } = await admin.listPolicyRevisions({ params, query: { limit: 2 } });
    expect(items.map(({ kind, restoredFrom, removed }) => [kind, restoredFrom, removed])).toEqual([
      ['restored', 1, ['reports']],
      ['restored', 1, []],
    ]);
    const unknown = admin.restorePolicyRevision({ params: { ...params, revision: '77' }, body: {} });
    expect(await codeOfAsync(unknown)).toBe('NOT_FOUND');
  });

  it('refuse a publication made for another one', async () => {
    const { params } = await fresh('stale');
    const late = admin.publishPolicies({
      params,
      body: { text: text('stale').replace('preset: email', 'preset: ssn'), expectRevision: 0 },
    });
    expect(await codeOfAsync(late)).toBe('CONFLICT');
  });

  it('follow assignments, which are part of the document', async () => {
    const { params, state } = await fresh('assigned');
    const assigned = await admin.assignPolicyToUser({
      params: { ...params, policy: 'support', user: 'Ada@revisions.example' },
    });
    expect([assigned.revision, assigned.epoch]).toEqual([2, state.epoch + 1]);
    expect(assigned.text).toContain('# they answer the telephone');
    expect(assigned.document).toMatchObject({
      policies: [{ assign: { users: ['ada@revisions.example'], groups: ['support'] } }],
    });
    expect((await ada.client.listMyDatabases()).items.map(({ name }) => name)).toContain('assigned');
    const listed = await admin.listPolicyAssignments({ query: { user: 'ada@revisions.example' } });
    expect(listed.items.map(({ database, policy }) => [database.name, policy.name])).toEqual([
      ['assigned', 'support'],
    ]);
    const { revision } = await admin.unassignPolicyFromUser({
      params: { ...params, policy: 'support', user: ada.id },
    });
    expect(revision).toBe(3);
    await admin.unassignPolicyFromGroup({ params: { ...params, policy: 'support', group: 'support' } });
    const back = await admin.assignPolicyToGroup({
      params: { ...params, policy: 'support', group: 'support' },
    });
    expect(back.document).toMatchObject({ policies: [{ assign: { users: [], groups: ['support'] } }] });
    const unknown = { ...params, policy: 'support', user: 'nobody@revisions.example' };
    expect(await codeOfAsync(admin.assignPolicyToUser({ params: unknown }))).toBe('NOT_FOUND');
    const noPolicy = { ...params, policy: 'other', user: ada.id };
    expect(await codeOfAsync(admin.assignPolicyToUser({ params: noPolicy }))).toBe('NOT_FOUND');
  });

  it('have all that a policy says', async () => {
    const { params } = await fresh('whole');
    const more = `${text('whole')}    audit: { parameters: true }\n    limits: { maxRows: 7 }\n`;
    const { document } = await admin.publishPolicies({ params, body: { text: more } });
    expect(document).toMatchObject({ policies: [{ audit: { parameters: true }, limits: { maxRows: 7 } }] });
    const { difference } = await admin.comparePolicies({ params, query: { from: '1' } });
    expect(difference.policies[0]?.limits.map(({ limit }) => limit)).toEqual(['maxRows', 'audit.parameters']);
  });

  it('show what is in force when a group is gone', async () => {
    const { params } = await fresh('group_gone');
    const group = await admin.createGroup({ body: { name: 'night' } });
    await admin.assignPolicyToGroup({ params: { ...params, policy: 'support', group: 'night' } });
    await admin.deleteGroup({ params: { id: group.id } });
    const state = await admin.getPolicies({ params });
    expect(state.text).toContain('# they answer the telephone');
    expect(state.text).not.toContain('night');
    const old = admin.restorePolicyRevision({ params: { ...params, revision: '2' }, body: {} });
    expect(await codeOfAsync(old)).toBe('INVALID_POLICY');
  });

  it('begin with what was in force when a store is brought to them', async () => {
    const { params, state } = await fresh('migrated');
    await admin.assignPolicyToUser({ params: { ...params, policy: 'support', user: ada.id } });
    const before = await admin.getPolicies({ params });
    const client = new Client({ connectionString: plane.dsn });
    await client.connect();
    try {
      // As the store was before: without the triggers that keep revisions.
      await client.query('begin; set local session_replication_role = replica; delete from policy_revisions');
      await client.query(keepCurrentPolicies);
      await client.query('commit');
    } finally {
      await client.end();
    }
    const after = await admin.getPolicies({ params });
    expect([after.revision, after.document, after.epoch]).toEqual([1, before.document, before.epoch]);
    const { items } = await admin.listPolicyRevisions({ params });
    expect(items).toMatchObject([
      { kind: 'kept', author: null, added: ['support'], policies: [{ version: 1 }] },
    ]);
    const again = await admin.putPolicies({ params, body: before.document });
    expect(again.revision).toBe(1);
    const next = await admin.publishPolicies({ params, body: { text: state.text } });
    expect(next.revision).toBe(2);
  });

  it('cannot be changed or removed in the store', async () => {
    await fresh('stored');
    const client = new Client({ connectionString: plane.dsn });
    await client.connect();
    try {
      const changes = ["update policy_revisions set comment = 'x'", 'delete from policy_revisions'];
      for (const change of [...changes, 'truncate policy_revisions']) {
        await expect(client.query(change)).rejects.toMatchObject({ code: '23001' });
      }
    } finally {
      await client.end();
    }
  });

  it('name the place of what is wrong', async () => {
    const { params } = await fresh('wrong');
    const { document, problems } = await admin.checkPolicies({
      params,
      body: { text: text('wrong').replace('preset: email', 'preset: mail') },
    });
    expect(document).toBeNull();
    expect(problems).toMatchObject([{ field: 'policies[0].masks[0].preset', line: 8 }]);
    const unknown = await admin.checkPolicies({
      params,
      body: { text: text('wrong').replace('users: []', 'users: [nobody@revisions.example]') },
    });
    expect(unknown.document).not.toBeNull();
    expect(unknown.problems).toMatchObject([{ field: 'policies[0].assign.users[0]', line: 9 }]);
    const other = admin.publishPolicies({ params, body: { text: text('another') } });
    expect(await codeOfAsync(other)).toBe('INVALID_POLICY');
  });
});
