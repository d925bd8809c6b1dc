import type { publicationRoutes } from '@daam/shared/api/routes/publications';
import { AppError } from '@daam/shared/errors/app-error';
import { compareDocuments } from '@daam/shared/policy/document-difference';
import { unifiedDiff } from '@daam/shared/policy/unified-diff';
import { difference, recordActivity } from '../audit/activity.ts';
import { findDatabase } from '../databases/find-database.ts';
import type { Handlers } from '../http/call.ts';
import { credentialSignIn, publishingSignIn, requireFreshSignIn } from '../requests/fresh-sign-in.ts';
import { actorOf, type Services } from '../services.ts';
import { seenDraft } from './draft-store.ts';
import { plain } from './plain.ts';
import {
  addProposal,
  closeProposal,
  findProposal,
  listProposals,
  openProposal,
  showProposal,
} from './proposal-store.ts';
import { makePublication, preparePublication } from './publication.ts';
import { isLaxer, loadPolicySettings, savePolicySettings } from './publication-settings.ts';
import { readSource, refuseStale } from './publish.ts';
import { currentRevision, documentInForce } from './revision-store.ts';
import { showPolicies } from './show-policies.ts';

/** `beginPublication` is with its page (pages/publication.ts). */
type Names = Exclude<keyof typeof publicationRoutes, 'beginPublication' | 'listUnusedGrants'>;

/** What the organization asks of whoever publishes, and documents that one administrator proposes to another. */
export function proposalHandlers({ clock }: Services): Handlers<Names> {
  return {
    getPolicySettings: async ({ scope }) => await loadPolicySettings(scope),

    putPolicySettings: async ({ caller, scope, body }) => {
      const now = clock.now();
      const before = await loadPolicySettings(scope);
      const freshSignIn = isLaxer(before, body) ? publishingSignIn : credentialSignIn;
      await requireFreshSignIn(scope, caller, { freshSignIn, now });
      await savePolicySettings(scope, body, now);
      await recordActivity(scope, now, {
        action: 'policy_settings.changed',
        actor: actorOf(caller),
        target: { kind: 'organization', id: scope.org, label: 'policy settings' },
        ...difference(before, body),
      });
      return body;
    },

    proposePolicies: async ({ caller, scope, params, body: { edition, comment } }) => {
      const database = await findDatabase(scope, params.database);
      const draft = await seenDraft(scope, { database: database.id, author: caller.id, edition });
      const current = await currentRevision(scope, database.id);
      refuseStale(draft.base, current);
      readSource({ text: draft.text }, database);
      const now = clock.now();
      const proposal = await addProposal(scope, {
        database: database.id,
        author: caller.id,
        base: draft.base,
        text: draft.text,
        comment,
        now: new Date(now),
      });
      await recordActivity(scope, now, {
        action: 'policies.proposed',
        actor: actorOf(caller),
        target: { kind: 'database', id: database.id, label: database.name },
        detail: { proposal: proposal.id, comment },
        after: { proposal: proposal.id, base: draft.base },
      });
      return showProposal(proposal, current);
    },

    listPolicyProposals: async ({ scope, params, query }) =>
      await listProposals(scope, (await findDatabase(scope, params.database)).id, query),

    getPolicyProposal: async ({ scope, params }) => {
      const database = await findDatabase(scope, params.database);
      const proposal = await findProposal(scope, database.id, params.proposal);
      const { revision, document, text } = await documentInForce(scope, database);
      const proposed = readSource({ text: proposal.text }, database);
      return {
        ...showProposal(proposal, revision),
        text: proposal.text,
        difference: plain(compareDocuments(document, proposed)),
        unified: unifiedDiff(text, proposal.text, { from: `revision ${revision}`, to: 'proposal' }),
      };
    },

    publishPolicyProposal: async ({ caller, scope, params }) => {
      const database = await findDatabase(scope, params.database);
      const request = {
        caller,
        database,
        body: { kind: 'proposal', proposal: params.proposal },
      } as const;
      const prepared = await preparePublication(scope, request);
      await makePublication(scope, request, { prepared, now: clock.now() });
      return await showPolicies(scope, database);
    },

    closePolicyProposal: async ({ caller, scope, params, body }) => {
      const database = await findDatabase(scope, params.database);
      const proposal = await openProposal(scope, database.id, params.proposal);
      const state = proposal.author.id === caller.id ? 'withdrawn' : 'declined';
      const note = body.note === '' ? null : body.note;
      if (state === 'declined' && note === null) {
        throw new AppError('INVALID_INPUT', {
          field: 'body.note',
          message: 'body.note: say why, for whoever proposed it.',
        });
      }
      const now = clock.now();
      await closeProposal(scope, proposal, { state, by: caller.id, note, now: new Date(now) });
      await recordActivity(scope, now, {
        action: 'policies.proposal_closed',
        actor: actorOf(caller),
        target: { kind: 'database', id: database.id, label: database.name },
        detail: { proposal: proposal.id, ...(note === null ? {} : { note }) },
        before: { state: 'open' },
        after: { state },
      });
      const closed = await findProposal(scope, database.id, proposal.id);
      return showProposal(closed, await currentRevision(scope, database.id));
    },
  };
}
