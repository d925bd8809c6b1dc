import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * The counters of one replica. Labels are names of a closed list (routes, codes, outcomes): never an id, an address, a
 * name or anything else of an organization or a person. Names and meaning: docs/operations.md.
 */
export interface Metrics {
  readonly registry: Registry;
  readonly http: Histogram<'route' | 'status'>;
  readonly failures: Counter<'route' | 'code'>;
  readonly bundles: Counter<'outcome'>;
  readonly schedule: Counter<'what'>;
  readonly emergencies: Counter;
  readonly webhooks: Counter<'outcome'>;
  readonly mail: Counter<'outcome'>;
  readonly records: Counter<'outcome'>;
  readonly maintenance: Counter;
  readonly notificationsLost: Counter;
}

/** Seconds. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A registry of its own for each control plane of a process, with what Node.js tells about the process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter<Label>({ name, help, labelNames, registers });
  return {
    registry,
    http: new Histogram({
      name: 'daam_http_request_seconds',
      help: 'Answers by route and status, and how long they took.',
      labelNames: ['route', 'status'],
      buckets,
      registers,
    }),
    failures: counter('daam_http_failures_total', 'Requests that were refused or failed, by code.', [
      'route',
      'code',
    ]),
    bundles: counter('daam_policy_bundles_total', 'Policy bundles: sent, applied, or not sent.', ['outcome']),
    schedule: counter('daam_schedule_failures_total', 'Steps of the clock that failed and come again.', [
      'what',
    ]),
    emergencies: counter('daam_emergencies_total', 'Access that was opened for an emergency.'),
    webhooks: counter('daam_webhook_attempts_total', 'Attempts to deliver to webhooks.', ['outcome']),
    mail: counter('daam_mail_attempts_total', 'Attempts to send mail.', ['outcome']),
    records: counter('daam_audit_records_total', 'Audit records: stored, refused or purged.', ['outcome']),
    maintenance: counter('daam_audit_maintenance_failures_total', 'Rounds of the audit store that failed.'),
    notificationsLost: counter(
      'daam_notifications_lost_total',
      'Losses of the way that replicas tell each other.',
    ),
  };
}

/** Gauges that are looked up when somebody reads: agents, what waits to go out, and whether the store answers. */
export function addGauges(
  { registry }: Metrics,
  {
    countAgents,
    readWaiting,
  }: {
    readonly countAgents: () => number;
    readonly readWaiting: () => Promise<{ readonly webhooks: number; readonly mail: number } | null>;
  },
): void {
  let reading: ReturnType<typeof readWaiting> | null = null;
  // Two gauges of one look.
  const look = async () => await (reading ??= readWaiting().finally(() => (reading = null)));
  const gauges = [
    new Gauge({
      name: 'daam_agents_connected',
      help: 'Agents whose feed ends at this replica.',
      registers: [],
      collect() {
        this.set(countAgents());
      },
    }),
    new Gauge({
      name: 'daam_store_up',
      help: 'Whether the database answers.',
      registers: [],
      async collect() {
        this.set((await look()) === null ? 0 : 1);
      },
    }),
    new Gauge({
      name: 'daam_outbox_waiting',
      help: 'Deliveries that wait, of all replicas.',
      labelNames: ['queue'],
      registers: [],
      async collect() {
        this.reset();
        for (const [queue, count] of Object.entries((await look()) ?? {})) this.set({ queue }, count);
      },
    }),
  ];
  for (const gauge of gauges) registry.registerMetric(gauge);
}
