import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import { AppError } from '@daam/shared/errors/app-error';
import { AgentFeed } from './agents/feed.ts';
import { agentHandlers } from './agents/handlers.ts';
import { endSessionHandlers } from './agents/end-session.ts';
import type { AskAgent, AskJudgement, EndAtAgent } from './agents/questions.ts';
import { registrationHandlers } from './agents/registration.ts';
import { auditHandlers } from './audit/handlers.ts';
import { myActivityHandlers } from './audit/my-activity.ts';
import { ingestHandlers } from './audit/ingest.ts';
import { AuditMaintenance } from './audit/maintenance.ts';
import { type BootstrapRequest, type BootstrapResult, bootstrap } from './bootstrap.ts';
import type { ControlPlaneConfig } from './config.ts';
import { doctorHandlers } from './databases/doctor-reports.ts';
import { explainHandlers } from './databases/explain-handlers.ts';
import { readConsole } from './console/console-files.ts';
import { databaseHandlers } from './databases/handlers.ts';
import { schemaHandlers } from './databases/schema-handlers.ts';
import { schemaReportHandlers } from './databases/schema-store.ts';
import { myDatabaseHandlers } from './databases/my-databases.ts';
import { Notifications } from './db/notifications.ts';
import { Store } from './db/store.ts';
import { deviceHandlers } from './devices/handlers.ts';
import { createEvents } from './events.ts';
import type { Handlers } from './http/call.ts';
import { createPipeline } from './http/pipeline.ts';
import { RateLimiter } from './http/rate-limit.ts';
import { systemHandlers } from './http/system-handlers.ts';
import { apiTokenHandlers } from './identity/api-token-handlers.ts';
import { OrgSigner } from './identity/org-signer.ts';
import { passkeyHandlers } from './identity/passkey-handlers.ts';
import { PseudonymKeys } from './identity/pseudonym-keys.ts';
import { masterKeyOf } from './identity/sealed-box.ts';
import { Site } from './identity/site.ts';
import { tokenHandlers } from './identity/token-handlers.ts';
import { addGauges, createMetrics } from './metrics/metrics.ts';
import { answerMetrics, isForMetrics, startMetricsServer } from './metrics/serve-metrics.ts';
import { readWaiting } from './metrics/waiting.ts';
import { notificationHandlers } from './notifications/handlers.ts';
import { MailDeliverer } from './notifications/mail-deliverer.ts';
import { smtpTransport } from './notifications/transport.ts';
import { accountHandlers } from './pages/account.ts';
import { approvalHandlers } from './pages/approvals.ts';
import { assetHandlers } from './pages/assets.ts';
import { authorizeHandlers } from './pages/authorize.ts';
import { decisionHandlers } from './pages/decision.ts';
import { publicationHandlers } from './pages/publication.ts';
import { devicePageHandlers } from './pages/device.ts';
import { enrollHandlers } from './pages/enroll.ts';
import { openInAppHandlers } from './pages/open-in-app.ts';
import { signUpPageHandlers } from './pages/sign-up.ts';
import { sessionHandlers } from './pages/session.ts';
import { groupHandlers } from './people/group-handlers.ts';
import { peopleHandlers } from './people/handlers.ts';
import { serviceAccountHandlers } from './people/service-account-handlers.ts';
import { signUpHandlers } from './people/sign-up.ts';
import { vouchedHandlers } from './databases/vouched.ts';
import { policyHandlers } from './policies/handlers.ts';
import { ReportedTables } from './policies/known-tables.ts';
import { requestHandlers } from './requests/handlers.ts';
import { requestContextHandlers } from './requests/request-context.ts';
import { RequestSchedule } from './requests/schedule.ts';
import type { Services } from './services.ts';
import { AllowedAddresses } from './webhooks/addresses.ts';
import { WebhookDeliverer } from './webhooks/deliverer.ts';
import { webhookHandlers } from './webhooks/handlers.ts';
import { type Resolve, systemResolve } from './webhooks/send.ts';

/**
 * The control plane as one object: its store, its HTTP server and its agents' feeds. This file is the only
 * place that builds things; http/routes.ts says who may call what.
 */
export interface ControlPlane extends AsyncDisposable {
  /** Where it is reached, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Where counters are read without a token; null: nowhere. */
  readonly metricsPort: number | null;
  /** Makes an organization and its first administrator. */
  bootstrap(request: BootstrapRequest): Promise<BootstrapResult>;
}

export interface ControlPlaneDeps {
  readonly logger: Logger;
  /** The machine's clock unless told. */
  readonly clock?: Clock;
  /** Milliseconds between heartbeats of agents' feeds; 20,000 unless told. */
  readonly heartbeatMs?: number;
  /** Milliseconds between two rounds of the audit store's maintenance; 60,000 unless told. */
  readonly maintenanceMs?: number;
  /** Milliseconds between two looks at what the clock has to do; 1,000 unless told. */
  readonly scheduleMs?: number;
  /** How names of webhooks' hosts are resolved; by the system unless told. */
  readonly resolve?: Resolve;
}

/** Migrates, listens, serves. Dispose to stop: requests finish, feeds close, pools end. */
export async function startControlPlane(
  config: ControlPlaneConfig,
  deps: ControlPlaneDeps,
): Promise<ControlPlane> {
  await using stack = new AsyncDisposableStack();
  const clock = deps.clock ?? systemClock;
  const metrics = createMetrics();
  const events = createEvents(deps.logger, metrics);
  stack.defer(() => events.stopped());
  const store = stack.use(await Store.open(config.database));
  events.migrated(await store.migrate());
  if (!store.hasApplicationRole) events.applicationRoleMissing();
  const master = masterKeyOf(config.masterKey, config.secondMasterKey);
  const signer = new OrgSigner({ master });
  const pseudonyms = new PseudonymKeys({ master, store });
  const site = new Site(config.publicUrl);
  const { identity, relays } = config;
  const webhookAddresses = new AllowedAddresses(config.webhooks.allowedAddresses);
  const services: Services = {
    store,
    clock,
    signer,
    pseudonyms,
    events,
    identity,
    relays,
    site,
    master,
    webhookAddresses,
    signUp: config.signUp ?? null,
    mail: config.mail ?? null,
  };
  const guard = { store, clock, site, limiter: new RateLimiter({ clock, factor: config.http.rateFactor }) };
  const { trustProxy } = config.http;
  const consoleFolder = config.console?.folder ?? null;
  const feed = new AgentFeed({ services, guard, trustProxy, heartbeatMs: deps.heartbeatMs ?? 20_000 });
  stack.use(
    await Notifications.open({
      dsn: config.database.dsn,
      events,
      onChange: (change) => feed.apply(change),
      onGap: () => feed.resync(),
    }),
  );
  const pipeline = createPipeline({
    ...guard,
    handlers: createHandlers(services, { askAgent: feed.ask, judge: feed.judge, endAt: feed.endSession }),
    events,
    trustProxy,
    console: consoleFolder === null ? null : await readConsole(consoleFolder),
  });
  stack.use(new AuditMaintenance({ services, everyMs: deps.maintenanceMs ?? 60_000 }));
  stack.use(startRequestSchedule(services, deps));
  stack.use(startWebhooks(services, deps));
  addGauges(metrics, { countAgents: () => feed.size, readWaiting: () => readWaiting(store) });
  const counters = { metrics, token: config.metrics?.token ?? null };
  const answer = pipeline.callback();
  const server = createServer(serverLimits, (request, response) => {
    void (isForMetrics(request) ? answerMetrics(request, response, counters) : answer(request, response));
  });
  server.on('upgrade', (request, socket, head) => feed.upgrade(request, socket, head));
  const port = await listen(server, config.listen);
  stack.defer(async () => await closeServer(server));
  stack.use(feed);
  site.listening({ host: config.listen.host, port });
  startMail(services, { deps, stack });
  const listenForMetrics = config.metrics?.listen ?? null;
  const metricsServer =
    listenForMetrics === null ? null : stack.use(await startMetricsServer(metrics, listenForMetrics));
  const { url } = site;
  events.started(url);
  const owned = stack.move();
  return {
    url,
    port,
    metricsPort: metricsServer?.port ?? null,
    bootstrap: async (request) => await bootstrap({ store, signer, clock }, request),
    [Symbol.asyncDispose]: async () => await owned.disposeAsync(),
  };
}

/** Slow and large requests end here, before any of our code sees them. */
const serverLimits = {
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  keepAliveTimeout: 60_000,
  maxHeaderSize: 16 * 1024,
};

function createHandlers(
  services: Services,
  {
    askAgent,
    judge,
    endAt,
  }: { readonly askAgent: AskAgent; readonly judge: AskJudgement; readonly endAt: EndAtAgent },
): Handlers {
  const reported = new ReportedTables();
  return {
    ...systemHandlers(services),
    ...tokenHandlers(services),
    ...passkeyHandlers(services),
    ...assetHandlers(),
    ...sessionHandlers(services),
    ...authorizeHandlers(services),
    ...devicePageHandlers(services),
    ...enrollHandlers(services),
    ...signUpPageHandlers(services),
    ...openInAppHandlers(),
    ...accountHandlers(services),
    ...approvalHandlers(services),
    ...decisionHandlers(services),
    ...publicationHandlers(services),
    ...peopleHandlers(services),
    ...groupHandlers(services),
    ...signUpHandlers(services),
    ...serviceAccountHandlers(services),
    ...apiTokenHandlers(services),
    ...deviceHandlers(services),
    ...databaseHandlers(services),
    ...myDatabaseHandlers(services),
    ...explainHandlers(services, askAgent),
    ...doctorHandlers(services),
    ...schemaHandlers(services, reported),
    ...schemaReportHandlers(services),
    ...policyHandlers(services, {
      reported,
      judgeAt: (database) => async (asked) => await judge(database, asked),
    }),
    ...vouchedHandlers(services),
    ...requestHandlers(services),
    ...requestContextHandlers(reported),
    ...webhookHandlers(services),
    ...notificationHandlers(services),
    ...agentHandlers(services),
    ...endSessionHandlers(services, endAt),
    ...registrationHandlers(services),
    ...auditHandlers(services),
    ...myActivityHandlers(services),
    ...ingestHandlers(services),
  };
}

/** A step that is due while nobody serves is taken by the next replica that does. */
function startRequestSchedule({ store, clock, events }: Services, deps: ControlPlaneDeps): RequestSchedule {
  return RequestSchedule.start({ store, clock, events, everyMs: deps.scheduleMs ?? 1000 });
}

function startWebhooks(services: Services, deps: ControlPlaneDeps): WebhookDeliverer {
  const { store, clock, events, master, webhookAddresses } = services;
  const send = { allowed: webhookAddresses, resolve: deps.resolve ?? systemResolve, timeoutMs: 10_000 };
  const everyMs = deps.scheduleMs ?? 1000;
  return WebhookDeliverer.start({ store, clock, events, master, send, everyMs, random: Math.random });
}

/** The transport is closed after the last message that was under way. */
function startMail(
  { store, clock, events, mail, site }: Services,
  { deps, stack }: { readonly deps: ControlPlaneDeps; readonly stack: AsyncDisposableStack },
): void {
  const transport = mail === null ? null : stack.use(smtpTransport(mail));
  const everyMs = deps.scheduleMs ?? 1000;
  stack.use(MailDeliverer.start({ store, clock, events, site, transport, everyMs, random: Math.random }));
}

async function listen(server: Server, { host, port }: ControlPlaneConfig['listen']): Promise<number> {
  return await new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const code = cause.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'INVALID_CONFIG';
      reject(new AppError(code, { field: 'listen', message: `Cannot listen on ${host}:${port}.`, cause }));
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** No new connections; answers that are under way may finish for five seconds. */
async function closeServer(server: Server): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), 5000);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(cut);
}
