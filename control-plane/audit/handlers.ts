import type { Handlers } from '../http/call.ts';
import type { Services } from '../services.ts';
import { auditViewHandlers } from './audit-views.ts';
import { listCheckpoints } from './checkpoints.ts';
import { listConnections } from './connections.ts';
import { exportHandlers } from './export-handler.ts';
import { listActivity } from './list-activity.ts';
import { retentionHandlers } from './retention.ts';
import { listStatements, listTableReaders } from './statements.ts';
import { verifyOrganization } from './verify-store.ts';

type Names =
  | 'listConnections'
  | 'listStatements'
  | 'listTableReaders'
  | 'listActivity'
  | 'verifyAudit'
  | 'listCheckpoints'
  | 'exportAudit'
  | 'getAuditRetention'
  | 'getAuditViews'
  | 'putAuditViews'
  | 'putAuditRetention';

/** Reading the audit store, newest first, exporting and verifying it, and how long it is kept. */
export function auditHandlers(services: Services): Handlers<Names> {
  return {
    ...exportHandlers(services),
    ...retentionHandlers(services),
    ...auditViewHandlers(services),
    listConnections: async ({ scope, query }) => await listConnections(scope, query, services.clock.now()),
    listStatements: async ({ scope, query }) => await listStatements(scope, query),
    listTableReaders: async ({ scope, params, query }) =>
      await listTableReaders(scope, { table: params.table, ...query }),
    listActivity: async ({ scope, query }) => await listActivity(scope, query),
    listCheckpoints: async ({ scope, query }) => await listCheckpoints(scope, query),
    verifyAudit: async ({ scope }) => {
      const chains = await verifyOrganization(scope, await services.signer.auditKeys(scope));
      return { ok: chains.every(({ ok }) => ok), chains };
    },
  };
}
