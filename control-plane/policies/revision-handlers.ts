import { compareDocuments } from '@daam/shared/policy/document-difference';
import { unifiedDiff } from '@daam/shared/policy/unified-diff';
import { findDatabase } from '../databases/find-database.ts';
import type { Database } from '../db/entities/database.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers, Person } from '../http/call.ts';
import type { Services } from '../services.ts';
import { ownDraft } from './draft-store.ts';
import { plain } from './plain.ts';
import { makePublication, preparePublication } from './publication.ts';
import { readSource } from './publish.ts';
import {
  documentInForce,
  listRevisions,
  loadRevision,
  revisionHead,
  type WrittenDocument,
} from './revision-store.ts';
import { showPolicies } from './show-policies.ts';

type Names = 'listPolicyRevisions' | 'getPolicyRevision' | 'comparePolicies' | 'restorePolicyRevision';

/** Every document that was in force: read, compared, and put in force again. */
export function revisionHandlers({ clock }: Services): Handlers<Names> {
  return {
    listPolicyRevisions: async ({ scope, params, query }) =>
      await listRevisions(scope, await findDatabase(scope, params.database), query),

    getPolicyRevision: async ({ scope, params }) => {
      const database = await findDatabase(scope, params.database);
      const head = await revisionHead(scope, database, params.revision);
      const { document, text } = await loadRevision(scope, database, params.revision);
      return { ...head, document: { ...document }, text };
    },

    comparePolicies: async ({ caller, scope, params, query }) => {
      const database = await findDatabase(scope, params.database);
      const from = await resolve(scope, { database, caller, reference: query.from });
      const to = await resolve(scope, { database, caller, reference: query.to });
      return {
        from: { revision: from.revision, text: from.text },
        to: { revision: to.revision, text: to.text },
        difference: plain(compareDocuments(from.document, to.document)),
        unified: unifiedDiff(from.text, to.text, { from: titleOf(from), to: titleOf(to) }),
      };
    },

    restorePolicyRevision: async ({ caller, scope, params, body }) => {
      const database = await findDatabase(scope, params.database);
      const { policy, comment, expectRevision } = body;
      const request = {
        caller,
        database,
        body: { kind: 'restore', revision: params.revision, policy, comment, expectRevision },
      } as const;
      const prepared = await preparePublication(scope, request);
      await makePublication(scope, request, { prepared, now: clock.now() });
      return await showPolicies(scope, database);
    },
  };
}

/** `revision` null: a draft. */
type Compared = Omit<WrittenDocument, 'revision'> & { readonly revision: number | null };

async function resolve(
  scope: Scope,
  {
    database,
    caller,
    reference,
  }: { readonly database: Database; readonly caller: Person; readonly reference: string },
): Promise<Compared> {
  if (reference === 'current') return await documentInForce(scope, database);
  if (reference !== 'draft') return await loadRevision(scope, database, Number(reference));
  const { text } = await ownDraft(scope, database.id, caller.id);
  return { revision: null, text, document: readSource({ text }, database) };
}

function titleOf({ revision }: Compared): string {
  return revision === null ? 'draft' : `revision ${revision}`;
}
