import type { policyRoutes } from '@daam/shared/api/routes/policies';
import type { publicationRoutes } from '@daam/shared/api/routes/publications';
import { AppError } from '@daam/shared/errors/app-error';
import { findDatabase } from '../databases/find-database.ts';
import { readSnapshot } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import type { Services } from '../services.ts';
import { accessHandlers } from './access-handlers.ts';
import { assignmentHandlers } from './assignment-handlers.ts';
import { checkText } from './check-text.ts';
import { draftHandlers } from './draft-handlers.ts';
import { dryRunHandlers, type JudgeAt } from './dry-run-handlers.ts';
import type { ReportedTables } from './known-tables.ts';
import { proposalHandlers } from './proposal-handlers.ts';
import { publishDocument } from './publish.ts';
import { revisionHandlers } from './revision-handlers.ts';
import { showPolicies } from './show-policies.ts';
import { unusedHandlers } from './unused-handlers.ts';
import { listVersions } from './versions.ts';

/** Policies: one document for each database; what is published reaches the agent at commit. */
export function policyHandlers(
  services: Services,
  { reported, judgeAt }: { readonly reported: ReportedTables; readonly judgeAt: JudgeAt },
): Handlers<keyof typeof policyRoutes | Exclude<keyof typeof publicationRoutes, 'beginPublication'>> {
  const { clock, store } = services;
  return {
    ...revisionHandlers(services),
    ...proposalHandlers(services),
    ...unusedHandlers(services),
    ...draftHandlers(services),
    ...assignmentHandlers(services),
    ...accessHandlers(services, reported),
    ...dryRunHandlers(services, { reported, judgeAt }),

    getPolicies: async ({ scope, params }) =>
      await showPolicies(scope, await findDatabase(scope, params.database)),

    putPolicies: async ({ caller, scope, params, query, body }) => {
      const database = await findDatabase(scope, params.database);
      if (query.expectEpoch !== undefined && query.expectEpoch !== database.epoch) {
        throw new AppError('CONFLICT', {
          field: 'query.expectEpoch',
          message: `The policies are at epoch ${database.epoch} by now.`,
          hint: 'Read them again, and apply your change to that.',
        });
      }
      await publishDocument(scope, {
        caller,
        database,
        source: { document: body },
        comment: '',
        now: clock.now(),
      });
      return await showPolicies(scope, database);
    },

    publishPolicies: async ({ caller, scope, params, body }) => {
      const database = await findDatabase(scope, params.database);
      const { comment, expectRevision, ...source } = body;
      await publishDocument(scope, { caller, database, source, comment, expectRevision, now: clock.now() });
      return await showPolicies(scope, database);
    },

    checkPolicies: async ({ caller, params, body }) =>
      await readSnapshot(store, caller.org, async (scope) => {
        const database = await findDatabase(scope, params.database);
        const { document, problems } = await checkText(scope, database, body.text);
        return { document: document === null ? null : { ...document }, problems: [...problems] };
      }),

    listPolicyVersions: async ({ scope, params, query }) =>
      await listVersions(scope, await findDatabase(scope, params.database), query),
  };
}
