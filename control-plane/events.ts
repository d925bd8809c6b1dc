import type { Logger } from '@daam/shared/base/logger';
import type { AppError } from '@daam/shared/errors/app-error';
import type { Metrics } from './metrics/metrics.ts';

/**
 * What happens in the control plane, one function an event: a log line with ids, never values, and a counter
 * (metrics/metrics.ts). What an auditor must see is in audit/activity.ts, in the transaction of the change itself.
 */
export interface Events {
  started(url: string): void;
  stopped(): void;
  migrated(names: readonly string[]): void;
  requestAnswered(fields: {
    readonly requestId: string;
    readonly route: string;
    readonly status: number;
    readonly tookMs: number;
  }): void;
  requestFailed(fields: { readonly requestId: string; readonly route: string }, error: AppError): void;
  agentConnected(agent: string, epoch: number): void;
  agentDisconnected(agent: string, code: number): void;
  agentMessageRefused(agent: string): void;
  agentAheadOf(agent: string, fields: { readonly agentEpoch: number; readonly epoch: number }): void;
  bundleSent(agent: string, fields: { readonly epoch: number; readonly bytes: number }): void;
  bundleApplied(agent: string, fields: { readonly epoch: number; readonly tookMs: number }): void;
  pushFailed(database: string, error: AppError): void;
  listenerLost(error: AppError): void;
  scheduleFailed(what: 'requests' | 'webhooks' | 'mail', error: AppError): void;
  /** Somebody opened access on their own word. */
  emergencyOpened(request: string, fields: { readonly user: string; readonly database: string }): void;
  webhookAttempted(
    webhook: string,
    fields: {
      readonly delivery: string;
      readonly status: number | null;
      readonly failure: string | null;
      readonly tookMs: number;
    },
  ): void;
  mailAttempted(
    message: string,
    fields: { readonly state: 'sent' | 'failed' | 'pending'; readonly failure: string | null },
  ): void;
  /** Audit records of an agent. */
  recordsStored(count: number): void;
  chainRefused(agent: string, fields: { readonly seq: number; readonly fault: string }): void;
  /** The audit tables are held by their triggers alone: no role of the application's own. */
  applicationRoleMissing(): void;
  exportFailed(id: string, error: AppError): void;
  recordsPurged(org: string, records: number): void;
  maintenanceFailed(error: AppError): void;
}

/** The events, written to a logger and counted. */
export function createEvents(logger: Logger, metrics: Metrics): Events {
  return {
    started: (url) => logger.info({ url }, 'control plane started'),
    stopped: () => logger.info({}, 'control plane stopped'),
    migrated: (names) => logger.info({ count: names.length, last: names.at(-1) }, 'schema migrated'),
    requestAnswered: (fields) => {
      metrics.http.observe({ route: fields.route, status: fields.status }, fields.tookMs / 1000);
      logger.debug({ ...fields }, 'request answered');
    },
    requestFailed: (fields, error) => {
      metrics.failures.inc({ route: fields.route, code: error.code });
      const line = { ...fields, code: error.code, detail: error.detail };
      if (error.entry.report) logger.error(line, 'request failed');
      else logger.info(line, 'request refused');
    },
    agentConnected: (agent, epoch) => logger.info({ agent, epoch }, 'agent connected'),
    agentDisconnected: (agent, code) => logger.info({ agent, code }, 'agent disconnected'),
    agentMessageRefused: (agent) => logger.warn({ agent }, 'agent sent a message that is not one'),
    agentAheadOf: (agent, fields) =>
      logger.error({ agent, ...fields }, 'agent has a newer policy epoch than this control plane'),
    bundleSent: (agent, fields) => {
      metrics.bundles.inc({ outcome: 'sent' });
      logger.info({ agent, ...fields }, 'policy bundle sent');
    },
    bundleApplied: (agent, fields) => {
      metrics.bundles.inc({ outcome: 'applied' });
      logger.info({ agent, ...fields }, 'policy bundle applied');
    },
    pushFailed: (database, error) => {
      metrics.bundles.inc({ outcome: 'failed' });
      logger.error({ database, code: error.code, detail: error.detail }, 'policy bundle not sent');
    },
    listenerLost: (error) => {
      metrics.notificationsLost.inc();
      logger.error({ code: error.code, detail: error.detail }, 'notifications lost');
    },
    scheduleFailed: (what, error) => {
      metrics.schedule.inc({ what });
      logger.error({ what, code: error.code, detail: error.detail }, 'work of the schedule failed');
    },
    emergencyOpened: (request, fields) => {
      metrics.emergencies.inc();
      logger.warn({ request, ...fields }, 'access was opened for an emergency');
    },
    webhookAttempted: (webhook, fields) => {
      metrics.webhooks.inc({ outcome: fields.failure === null ? 'delivered' : 'failed' });
      if (fields.failure === null) logger.debug({ webhook, ...fields }, 'webhook delivered');
      else logger.warn({ webhook, ...fields }, 'webhook not delivered');
    },
    mailAttempted: (message, fields) => {
      metrics.mail.inc({ outcome: fields.failure === null ? 'sent' : 'failed' });
      if (fields.failure === null) logger.debug({ message, ...fields }, 'mail sent');
      else logger.warn({ message, ...fields }, 'mail not sent');
    },
    recordsStored: (count) => metrics.records.inc({ outcome: 'stored' }, count),
    chainRefused: (agent, fields) => {
      metrics.records.inc({ outcome: 'refused' });
      logger.error({ agent, ...fields }, 'audit records refused');
    },
    applicationRoleMissing: () =>
      logger.warn({}, 'no role of its own: the database user may not make roles (docs/audit.md)'),
    exportFailed: (id, error) =>
      logger.warn({ export: id, code: error.code, detail: error.detail }, 'audit export broke off'),
    recordsPurged: (org, records) => {
      metrics.records.inc({ outcome: 'purged' }, records);
      logger.info({ org, records }, 'audit records purged');
    },
    maintenanceFailed: (error) => {
      metrics.maintenance.inc();
      logger.error({ code: error.code, detail: error.detail }, 'audit maintenance failed');
    },
  };
}
