import type { Clock } from '@daam/shared/base/clock';
import type { Secret } from '@daam/shared/base/secret';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { ErrorCode } from '@daam/shared/errors/codes';
import { verifyBundle } from '@daam/shared/identity/bundle';
import type { PolicyBundle } from '@daam/shared/policy/bundle';
import type { PseudonymPads } from '@daam/shared/sql/pseudonym';
import { readBundleCache, removeBundleCache, writeBundleCache } from './bundle-cache.ts';
import type { PolicyStore } from './policy-store.ts';
import { PseudonymKeyHolder } from './pseudonym-key.ts';
import { type AgentCredential, type AgentIdentity, writeCredential } from './registration.ts';

/** A bundle that is in force. */
export interface AppliedBundle {
  readonly epoch: number;
  readonly source: 'cache' | 'live';
  /** Milliseconds from the message's arrival until the policy was in force. */
  readonly tookMs: number;
}

export interface PolicyIntakeOptions {
  readonly store: PolicyStore;
  readonly credentialPath: string;
  readonly policyCachePath: string;
  readonly clock: Clock;
  /** Called as soon as a bundle is in force, before it is durable. */
  readonly onApplied: (applied: AppliedBundle) => void;
  /** Called when the cache or a bundle is refused; the policy in force stays. */
  readonly onRefused: (about: 'cache' | 'bundle', code: ErrorCode) => void;
}

/**
 * The one way by which a policy comes into force: verified with the keys that are trusted already, put into
 * the store, then made durable in two files, the cache and the credential file (with epoch and keys).
 */
export class PolicyIntake {
  readonly #options: PolicyIntakeOptions;
  readonly #pseudonymKey: PseudonymKeyHolder;
  #held: AgentCredential | null = null;
  /** The epoch that both files have; null: not known, write them. */
  #durableEpoch: number | null = null;

  constructor(options: PolicyIntakeOptions) {
    this.#options = options;
    this.#pseudonymKey = new PseudonymKeyHolder({ path: `${options.policyCachePath}.pseudonym-key` });
  }

  /** What pseudonyms are computed with under the bundle in force; null: there is no key, and they show as redact does. */
  get pseudonymPads(): Secret<PseudonymPads> | null {
    return this.#pseudonymKey.pads(this.#options.store.pseudonymKeyId);
  }

  /** The credential as it is on the disk; null before the registration. */
  get held(): AgentCredential | null {
    return this.#held;
  }

  /** Says who the agent is; every bundle must be for it. */
  adopt(held: AgentCredential): void {
    this.#held = held;
    this.#options.store.adopt(held);
  }

  /** Puts the cached policy in force, if there is one that this agent may use. */
  async takeCached(): Promise<void> {
    if (this.#held === null) return;
    const { store, clock, policyCachePath, onApplied, onRefused } = this.#options;
    const { identity, orgKeys, epoch } = this.#held;
    const { bundle, reason } = await readBundleCache(policyCachePath, {
      keys: orgKeys,
      audience: audienceOf(identity),
      epoch,
      now: clock.now(),
    });
    if (bundle === null) {
      if (reason !== 'absent') onRefused('cache', reason === 'unreadable' ? 'NO_CACHED_POLICY' : reason);
      return;
    }
    await this.#pseudonymKey.load();
    const outcome = store.apply(bundle, 'cache');
    if (outcome.kind === 'refused') return onRefused('cache', outcome.code);
    // A crash may have come between the two files.
    this.#durableEpoch = bundle.epoch === epoch ? epoch : null;
    onApplied({ epoch: bundle.epoch, source: 'cache', tookMs: 0 });
  }

  /**
   * Takes a bundle from the control plane. Resolves when it is in force and durable, so that it may be
   * acknowledged; null when it was refused. Throws INVALID_CONFIG when a file cannot be written: the bundle
   * is in force then, but must not be acknowledged.
   */
  async take(jws: string, pseudonymKey: string | null = null): Promise<AppliedBundle | null> {
    const held = this.#held;
    if (held === null) return null;
    const { store, clock, onApplied, onRefused } = this.#options;
    const started = performance.now();
    let bundle: PolicyBundle;
    try {
      bundle = await verifyBundle(jws, store.orgKeys, audienceOf(held.identity), clock.now());
    } catch (thrown) {
      onRefused('bundle', toAppError(thrown).code);
      return null;
    }
    const keyId = bundle.settings.pseudonymKey;
    const hadKey = this.pseudonymPads !== null;
    // before the listeners of the store make views by it
    if (pseudonymKey !== null && keyId !== undefined) this.#pseudonymKey.take(pseudonymKey, keyId);
    const outcome = store.apply(bundle, 'live');
    if (outcome.kind === 'refused') {
      onRefused('bundle', outcome.code);
      return null;
    }
    const applied = { epoch: bundle.epoch, source: 'live', tookMs: performance.now() - started } as const;
    if (outcome.kind === 'applied') onApplied(applied);
    // the key of a bundle that came from the cache alone
    else if (!hadKey && this.pseudonymPads !== null) store.announce();
    if (outcome.kind === 'applied' || this.#durableEpoch !== bundle.epoch)
      await this.#save(jws, bundle, held);
    else await this.#saved(() => this.#pseudonymKey.save());
    return applied;
  }

  /** Takes the policy out of force, also for the next start: the agent was revoked. */
  async withdraw(): Promise<void> {
    this.#options.store.withdraw();
    await removeBundleCache(this.#options.policyCachePath);
    await this.#pseudonymKey.forget();
  }

  /**
   * The cache first: after a crash in between, the remembered epoch is the older one and admits the cache.
   * The other way round it would refuse it, and the agent would be without a policy in an outage.
   */
  async #save(jws: string, bundle: PolicyBundle, held: AgentCredential): Promise<void> {
    this.#durableEpoch = null;
    await this.#saved(async () => {
      await writeBundleCache(this.#options.policyCachePath, jws);
      await this.#pseudonymKey.save();
    });
    const { epoch, orgKeys, database } = bundle;
    const renewed = { ...held, identity: { ...held.identity, database }, epoch, orgKeys };
    await writeCredential(this.#options.credentialPath, renewed);
    this.#held = renewed;
    this.#durableEpoch = epoch;
  }

  /** Writes files; INVALID_CONFIG when they cannot be written. */
  async #saved(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (thrown) {
      throw new AppError('INVALID_CONFIG', {
        field: 'control_plane.policy_cache_path',
        message: 'control_plane.policy_cache_path: the cache file cannot be written.',
        cause: thrown,
      });
    }
  }
}

function audienceOf({ org, database, agentId }: AgentIdentity) {
  return { org: org.id, database: database.id, agent: agentId };
}
