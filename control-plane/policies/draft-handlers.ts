import { AppError } from '@daam/shared/errors/app-error';
import type { PolicyDocument } from '@daam/shared/policy/document';
import { compareDocuments } from '@daam/shared/policy/document-difference';
import { parsePolicyText, patchPolicyText } from '@daam/shared/policy/policy-text';
import { mergeDocuments } from '@daam/shared/policy/three-way';
import { findDatabase } from '../databases/find-database.ts';
import type { Database } from '../db/entities/database.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import type { Services } from '../services.ts';
import {
  type Draft,
  findDrafts,
  ownDraft,
  refuseOtherEdition,
  removeDraft,
  saveDraft,
  seenDraft,
  showDraft,
} from './draft-store.ts';
import { plain } from './plain.ts';
import { makePublication, preparePublication } from './publication.ts';
import { readSource, refuseOtherDatabase } from './publish.ts';
import { documentInForce, loadRevision } from './revision-store.ts';
import { showPolicies } from './show-policies.ts';

type Names =
  | 'listPolicyDrafts'
  | 'getPolicyDraft'
  | 'putPolicyDraft'
  | 'deletePolicyDraft'
  | 'publishPolicyDraft'
  | 'compareDraftWithOthers'
  | 'rebasePolicyDraft';

/** Drafts: nobody waits for anybody until publication, and that happens only on the revision that the draft began with. */
export function draftHandlers({ clock }: Services): Handlers<Names> {
  return {
    listPolicyDrafts: async ({ scope, params }) => {
      const database = await findDatabase(scope, params.database);
      const drafts = await findDrafts(scope, database.id);
      const items = [];
      for (const draft of drafts) items.push(await showDraft(scope, database, draft));
      return { items };
    },

    getPolicyDraft: async ({ caller, scope, params }) => {
      const database = await findDatabase(scope, params.database);
      return await showDraft(scope, database, await ownDraft(scope, database.id, caller.id));
    },

    putPolicyDraft: async ({ caller, scope, params, body }) => {
      const database = await findDatabase(scope, params.database);
      const [draft] = await findDrafts(scope, database.id, caller.id);
      refuseOtherEdition(draft?.edition ?? 0, body.edition);
      const { text, base } = draft ?? (await fresh(scope, database));
      const { text: given, document } = body;
      const saved = await saveDraft(scope, {
        database: database.id,
        author: caller.id,
        base,
        text: given ?? (document === undefined ? text : patchPolicyText(text, readSource(body, database))),
        now: new Date(clock.now()),
      });
      return await showDraft(scope, database, saved);
    },

    deletePolicyDraft: async ({ caller, scope, params }) => {
      const database = await findDatabase(scope, params.database);
      await removeDraft(scope, database.id, caller.id);
    },

    publishPolicyDraft: async ({ caller, scope, params, body }) => {
      const database = await findDatabase(scope, params.database);
      const request = { caller, database, body: { kind: 'draft', ...body } } as const;
      const prepared = await preparePublication(scope, request);
      await makePublication(scope, request, { prepared, now: clock.now() });
      return await showPolicies(scope, database);
    },

    compareDraftWithOthers: async ({ caller, scope, params }) => {
      const database = await findDatabase(scope, params.database);
      const draft = await ownDraft(scope, database.id, caller.id);
      const { base, mine, theirs, current } = await sidesOf(scope, database, draft);
      const { conflicts } = mergeDocuments({ base, mine, theirs });
      return {
        base: draft.base,
        current,
        mine: plain(compareDocuments(base, mine)),
        theirs: plain(compareDocuments(base, theirs)),
        conflicts: [...conflicts],
      };
    },

    rebasePolicyDraft: async ({ caller, scope, params, body }) => {
      const database = await findDatabase(scope, params.database);
      const { edition, decisions } = body;
      const draft = await seenDraft(scope, { database: database.id, author: caller.id, edition });
      const { base, mine, theirs, current } = await sidesOf(scope, database, draft);
      const { document, open } = mergeDocuments({ base, mine, theirs, decisions });
      const [first] = open;
      if (first !== undefined) {
        const what = [first.policy, first.part, first.key].filter((part) => part !== '').join(', ');
        throw new AppError('CONFLICT', {
          field: 'body.decisions',
          message: `Both sides changed ${what}${open.length > 1 ? `, and ${open.length - 1} more` : ''}.`,
          hint: 'Say for each conflict of the three-way view whose change to take.',
        });
      }
      const saved = await saveDraft(scope, {
        database: database.id,
        author: caller.id,
        base: current,
        text: patchPolicyText(draft.text, document),
        now: new Date(clock.now()),
      });
      return await showDraft(scope, database, saved);
    },
  };
}

async function fresh(scope: Scope, database: Database): Promise<{ text: string; base: number }> {
  const { text, revision } = await documentInForce(scope, database);
  return { text, base: revision };
}

/** The three documents of a merge; INVALID_POLICY while the draft cannot be read. */
async function sidesOf(scope: Scope, database: Database, draft: Draft) {
  const mine: PolicyDocument = parsePolicyText(draft.text);
  refuseOtherDatabase(mine, database);
  const { document: base } = await loadRevision(scope, database, draft.base);
  const { document: theirs, revision: current } = await documentInForce(scope, database);
  return { base, mine, theirs, current };
}
