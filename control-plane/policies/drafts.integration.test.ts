import type { ApiClient } from '@daam/shared/api/client';
import { codeOfAsync } from '@daam/shared/testing/code-of';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
let auditor: ApiClient;
beforeAll(async () => {
  plane = await startTestControlPlane();
  ({ admin } = await bootstrapOrg(plane, 'Drafts'));
  ({ client: second } = await addUser(plane, admin, 'second@drafts.example', 'admin'));
  ({ client: auditor } = await addUser(plane, admin, 'auditor@drafts.example', 'auditor'));
});
afterAll(async () => {
  await plane[Symbol.asyncDispose]();
});

const text = (name: string) => `database: ${name}
policies:
  - name: support # they answer the telephone
    grants:
      - { table: public.customers, operations: [select] }
    masks:
      - { column: public.customers.email, preset: email }
`;

async function fresh(name: string) {
  await addDatabase(plane, admin, name);
  const params = { database: name };
  await admin.publishPolicies({ params, body: { text: text(name) } });
  return params;
}

describe('drafts of policies', () => {
  it('begin with the document in force, may be unfinished, and are their author’s', async () => {
    const params = await fresh('begin');
    const begun = await admin.putPolicyDraft({ params, body: { edition: 0 } });
    expect(begun).toMatchObject({ base: 1, edition: 1, text: text('begin'), problems: [], isStale: false });
    const broken = await admin.putPolicyDraft({
      params,
      body: { edition: 1, text: 'database: begin\npolicies: 7' },
    });
    expect(broken).toMatchObject({ edition: 2, document: null, problems: [{ field: 'policies', line: 2 }] });
    expect(await codeOfAsync(second.getPolicyDraft({ params }))).toBe('NOT_FOUND');
    const listed = await auditor.listPolicyDrafts({ params });
    expect(listed.items.map(({ author }) => author.email)).toEqual(['admin@drafts.example']);
    const unpublished = admin.publishPolicyDraft({ params, body: { edition: 2, comment: 'x' } });
    expect(await codeOfAsync(unpublished)).toBe('INVALID_POLICY');
    await admin.deletePolicyDraft({ params });
    expect(await codeOfAsync(admin.getPolicyDraft({ params }))).toBe('NOT_FOUND');
  });

  it('are saved by whoever saw their last edition', async () => {
    const params = await fresh('editions');
    await admin.putPolicyDraft({ params, body: { edition: 0 } });
    expect(await codeOfAsync(admin.putPolicyDraft({ params, body: { edition: 0 } }))).toBe('CONFLICT');
    const late = admin.putPolicyDraft({ params, body: { edition: 7, text: 'late' } });
    expect(await codeOfAsync(late)).toBe('CONFLICT');
  });

  it('take what the visual side changed without losing comments', async () => {
    const params = await fresh('visual');
    const { document } = await admin.putPolicyDraft({ params, body: { edition: 0 } });
    const changed = structuredClone(document) as { policies: { limits: object }[] };
    for (const policy of changed.policies) policy.limits = { maxRows: 5 };
    const draft = await admin.putPolicyDraft({ params, body: { edition: 1, document: changed } });
    expect(draft.text).toContain('# they answer the telephone');
    expect(draft.document).toEqual(changed);
  });

  it('are published as a revision with a comment, and are gone then', async () => {
    const params = await fresh('published');
    const changed = text('published').replace('preset: email', 'preset: redact');
    await admin.putPolicyDraft({ params, body: { edition: 0, text: changed } });
    const state = await admin.publishPolicyDraft({ params, body: { edition: 1, comment: 'stricter' } });
    expect([state.revision, state.text]).toEqual([2, changed]);
    expect(await codeOfAsync(admin.getPolicyDraft({ params }))).toBe('NOT_FOUND');
    const { items } = await admin.listPolicyRevisions({ params, query: { limit: 1 } });
    expect(items[0]).toMatchObject({ comment: 'stricter', kind: 'published' });
  });

  it('wait when something else was published, and are brought onto it', async () => {
    const params = await fresh('stale');
    const mine = text('stale')
      .replace('[select]', '[select, update]')
      .replace('preset: email', 'preset: redact');
    await admin.putPolicyDraft({ params, body: { edition: 0, text: mine } });
    const theirs = `${text('stale').replace('preset: email', 'preset: "null"')}    limits: { maxRows: 10 }\n`;
    await second.publishPolicies({ params, body: { text: theirs } });
    const publish = { params, body: { edition: 1, comment: 'mine' } };
    expect(await codeOfAsync(admin.publishPolicyDraft(publish))).toBe('CONFLICT');
    const three = await admin.compareDraftWithOthers({ params });
    expect([three.base, three.current]).toEqual([1, 2]);
    expect(three.mine.policies[0]?.grants).toMatchObject([{ added: ['update'] }]);
    expect(three.theirs.policies[0]?.limits).toMatchObject([{ limit: 'maxRows', after: 10 }]);
    expect(three.conflicts).toEqual([
      {
        policy: 'support',
        part: 'masks',
        key: 'public.customers.email',
        base: [{ preset: 'email' }],
        mine: [{ preset: 'redact' }],
        theirs: [{ preset: 'null' }],
      },
    ]);
    expect(await codeOfAsync(admin.rebasePolicyDraft({ params, body: { edition: 1 } }))).toBe('CONFLICT');
    const conflict = { policy: 'support', part: 'masks', key: 'public.customers.email' } as const;
    const rebased = await admin.rebasePolicyDraft({
      params,
      body: { edition: 1, decisions: [{ ...conflict, take: 'theirs' }] },
    });
    expect(rebased).toMatchObject({ base: 2, isStale: false, edition: 2 });
    const state = await admin.publishPolicyDraft({ params, body: { edition: 2, comment: 'both' } });
    expect(state.document).toMatchObject({
      policies: [
        {
          grants: [{ operations: ['select', 'update'] }],
          masks: [{ preset: 'null' }],
          limits: { maxRows: 10 },
        },
      ],
    });
    expect(state.text).toContain('# they answer the telephone');
  });

  it('of a text that says nothing new change nothing', async () => {
    const params = await fresh('nothing');
    await admin.putPolicyDraft({ params, body: { edition: 0 } });
    const state = await admin.publishPolicyDraft({ params, body: { edition: 1, comment: 'none' } });
    expect(state.revision).toBe(1);
  });
});
