import type { policyRoutes } from '@daam/shared/api/routes/policies';
import { AppError } from '@daam/shared/errors/app-error';
import { type PolicyDocument, parsePolicyDocument } from '@daam/shared/policy/document';
import { stringify } from 'yaml';
import { difference, recordActivity } from '../audit/activity.ts';
import { findDatabase } from '../databases/find-database.ts';
import type { Database } from '../db/entities/database.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import { actorOf, type Services } from '../services.ts';
import { bumpEpochs } from './access-change.ts';
import { type DocumentChange, loadDocument, storeDocument } from './document-store.ts';
import { listVersions } from './versions.ts';

/** Policies: one document for each database; a PUT replaces it and reaches the agent at commit. */
export function policyHandlers({ clock }: Services): Handlers<keyof typeof policyRoutes> {
  return {
    ...later,
    getPolicies: async ({ scope, params }) => await show(scope, await findDatabase(scope, params.database)),

    putPolicies: async ({ caller, scope, params, query, body }) => {
      const database = await findDatabase(scope, params.database);
      if (query.expectEpoch !== undefined && query.expectEpoch !== database.epoch) {
        throw new AppError('CONFLICT', {
          field: 'query.expectEpoch',
          message: `The policies are at epoch ${database.epoch} by now.`,
          hint: 'Read them again, and apply your change to that.',
        });
      }
      const document = parsePolicyDocument(body);
      refuseOtherDatabase(document, database);
      const now = clock.now();
      const before = await auditedOf(scope, database);
      const change = await storeDocument(scope, {
        database,
        document,
        author: caller.id,
        now: new Date(now),
      });
      // The same document again is no news: policy as code may be applied at every deployment.
      if (!isChange(change)) return await show(scope, database);
      await bumpEpochs(scope, [database.id]);
      await scope.em.refresh(database);
      await recordActivity(scope, now, {
        action: 'policies.changed',
        actor: actorOf(caller),
        target: { kind: 'database', id: database.id, label: database.name },
        detail: { ...change, epoch: database.epoch },
        ...difference(before, await auditedOf(scope, database)),
      });
      return await show(scope, database);
    },

    listPolicyVersions: async ({ scope, params, query }) =>
      await listVersions(scope, await findDatabase(scope, params.database), query),
  };
}

function notYet(): never {
  throw new AppError('UNSUPPORTED');
}

const later = {
  publishPolicies: notYet,
  checkPolicies: notYet,
  dryRunPolicies: notYet,
  previewAccess: notYet,
  listPolicyRevisions: notYet,
  getPolicyRevision: notYet,
  restorePolicyRevision: notYet,
  comparePolicies: notYet,
  listPolicyDrafts: notYet,
  getPolicyDraft: notYet,
  putPolicyDraft: notYet,
  deletePolicyDraft: notYet,
  publishPolicyDraft: notYet,
  compareDraftWithOthers: notYet,
  rebasePolicyDraft: notYet,
  assignPolicyToUser: notYet,
  unassignPolicyFromUser: notYet,
  assignPolicyToGroup: notYet,
  unassignPolicyFromGroup: notYet,
  listPolicyAssignments: notYet,
  getEffectiveAccess: notYet,
  explainColumn: notYet,
};

function isChange({ added, changed, removed, assigned, isReordered }: DocumentChange): boolean {
  return isReordered || [added, changed, removed, assigned].some((names) => names.length > 0);
}

function refuseOtherDatabase(document: PolicyDocument, database: Database): void {
  if (document.database === database.name) return;
  throw new AppError('INVALID_POLICY', {
    field: 'database',
    message: `database: the document is for "${document.database}", not for "${database.name}".`,
  });
}

/** Which versions are in force: each is kept whole in policy_versions. */
async function auditedOf(scope: Scope, database: Database) {
  const { policies } = await loadDocument(scope, database);
  const versions = Object.fromEntries(policies.map(({ name, currentVersion }) => [name, currentVersion]));
  return { epoch: database.epoch, versions };
}

async function show(scope: Scope, database: Database) {
  const { policies, document } = await loadDocument(scope, database);
  return {
    database: { id: database.id, name: database.name },
    epoch: database.epoch,
    policies: policies.map(({ id, name, currentVersion }) => ({ id, name, version: currentVersion })),
    document: { ...document },
    revision: 0,
    text: stringify(document),
  };
}
