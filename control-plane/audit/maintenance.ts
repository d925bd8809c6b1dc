import { asId, type OrgId } from '@daam/shared/domain/ids';
import { toAppError } from '@daam/shared/errors/app-error';
import { query } from '../db/query.ts';
import { changeOrganization, fromDriver, scopeTo, systemScope } from '../db/scope.ts';
import type { Services } from '../services.ts';
import { signCheckpoints } from './checkpoints.ts';
import { ensurePartitions } from './partitions.ts';
import { purgeSlice } from './purge-records.ts';

/**
 * What the audit store needs from time to time: tables for the next months, checkpoints of chains that have
 * moved, purges of what is older than it is kept. Every replica runs it; an advisory lock lets one do the
 * work, and each step is one that may be done twice. Dispose to stop.
 */
export interface AuditMaintenanceOptions {
  readonly services: Services;
  /** Milliseconds between two rounds. */
  readonly everyMs: number;
}

/** The lock's name: the first half of a bigint, so that it is none of the others. */
const lock = 0x6461_6175;

/** Slices of one organization in one round: the rest waits for the next, so that none waits for another. */
const maxSlices = 50;

export class AuditMaintenance implements AsyncDisposable {
  readonly #services: Services;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | null = null;
  #isStopping = false;

  constructor({ services, everyMs }: AuditMaintenanceOptions) {
    this.#services = services;
    this.#timer = setInterval(() => void this.run(), everyMs);
    this.#timer.unref();
  }

  /** One round now; resolves when it is over, also for a round that runs already. Never rejects. */
  async run(): Promise<void> {
    if (this.#isStopping) return;
    this.#running ??= this.#round()
      .catch((thrown: unknown) => this.#services.events.maintenanceFailed(toAppError(fromDriver(thrown))))
      .finally(() => {
        this.#running = null;
      });
    await this.#running;
  }

  async #round(): Promise<void> {
    const { store } = this.#services;
    await systemScope(store, 'maintenance').transactional(async (em) => {
      const [row] = await query<{ mine: boolean }[]>(em, 'select pg_try_advisory_xact_lock(?) as mine', [
        lock,
      ]);
      if (row?.mine !== true) return;
      await ensurePartitions(store);
      const orgs = await query<{ id: string; purges: boolean }[]>(
        em,
        `select id, exists (select from audit_retention r where r.org_id = o.id) as purges
           from organizations o order by id`,
      );
      for (const { id, purges } of orgs) {
        if (this.#isStopping) return;
        await this.#checkpoint(asId<OrgId>(id));
        if (purges) await this.#purge(asId<OrgId>(id));
      }
      await query(em, 'select audit_drop_empty_partitions()');
    });
  }

  /** The heads are read in one statement each, while agents go on: any head is a true one. */
  async #checkpoint(org: OrgId): Promise<void> {
    const { store, signer, clock } = this.#services;
    const scoped = scopeTo(store.em(), org);
    await scoped.em.transactional(async (em) => {
      const scope = { em, org };
      await signCheckpoints(scope, await signer.auditSigner(scope), clock.now());
    });
  }

  async #purge(org: OrgId): Promise<void> {
    const { store, signer, clock, events } = this.#services;
    for (let slice = 0; slice < maxSlices && !this.#isStopping; slice += 1) {
      const records = await changeOrganization(store, org, async (scope) =>
        purgeSlice({ scope, sign: await signer.auditSigner(scope), now: clock.now() }),
      );
      if (records === 0) return;
      events.recordsPurged(org, records);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#timer);
    await this.#running;
  }
}
