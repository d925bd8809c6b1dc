import { canonicalJson } from '@daam/shared/base/canonical-json';
import { type Clock, systemClock } from '@daam/shared/base/clock';
import type { AgentId } from '@daam/shared/domain/ids';
import type { OrgPublicKey } from '@daam/shared/identity/keys';
import type { PolicyBundle, Vouch } from '@daam/shared/policy/bundle';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import type { AgentIdentity } from './registration.ts';
import { currentPolicy, nextEnd, type TimedPolicy } from './timed-policy.ts';

const none: readonly Vouch[] = [];

/** A clock may be set: no end of a window is waited for longer without looking again. */
const longestWaitMs = 10_000;

/** Where the policy in force came from in this run: nowhere yet, the disk, or the control plane. */
export type PolicyState = 'none' | 'cache' | 'live';

/** What became of a bundle. STALE_EPOCH: not newer than what is, or was, in force. INVALID_POLICY: not for this agent. */
export type ApplyOutcome =
  | { readonly kind: 'applied' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly code: 'STALE_EPOCH' | 'INVALID_POLICY' };

/** What a person may do now. `policy` is the same object for as long as its content is the same. */
export interface SubjectPolicy {
  readonly policy: EffectivePolicy;
  readonly epoch: number;
}

export interface PolicyStoreOptions {
  /** Told what a listener threw; the other listeners are called all the same. */
  readonly onListenerFailure?: (thrown: unknown) => void;
  /** What windows of access requests end by; the machine's own unless told. */
  readonly clock?: Clock;
}

/** The agent's identity and what it remembers of earlier runs. */
export interface Trust {
  readonly identity: AgentIdentity;
  readonly orgKeys: readonly OrgPublicKey[];
  /** Bundles below it are refused. */
  readonly epoch: number;
}

interface InForce {
  readonly bundle: PolicyBundle;
  readonly content: string;
  readonly policiesByText: ReadonlyMap<string, EffectivePolicy>;
  readonly policiesByUser: ReadonlyMap<string, TimedPolicy>;
  readonly revokedDevices: ReadonlySet<string>;
  readonly revokedUsers: ReadonlySet<string>;
}

/**
 * The policy in force, in memory. Bundles come in verified; the store refuses to go back. Without a policy
 * nobody has access and everybody counts as revoked.
 */
export class PolicyStore {
  readonly #options: PolicyStoreOptions;
  readonly #listeners = new Set<() => void>();
  #trust: Trust | null = null;
  #inForce: InForce | null = null;
  #state: PolicyState = 'none';
  readonly #clock: Clock;
  #windowEnd: NodeJS.Timeout | undefined;

  constructor(options: PolicyStoreOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  get state(): PolicyState {
    return this.#state;
  }

  /** The epoch in force; null without a policy. */
  get epoch(): number | null {
    return this.#inForce?.bundle.epoch ?? null;
  }

  /** What is in force, as it came; null without a policy. */
  get bundle(): PolicyBundle | null {
    return this.#inForce?.bundle ?? null;
  }

  /** The one database that this agent serves; null before the registration. */
  get database(): AgentIdentity['database'] | null {
    return this.#inForce?.bundle.database ?? this.#trust?.identity.database ?? null;
  }

  /** Null before the registration. */
  get agentId(): AgentId | null {
    return this.#trust?.identity.agentId ?? null;
  }

  /** The organization's keys that certificates, grants and the next bundle are verified with. */
  get orgKeys(): readonly OrgPublicKey[] {
    return this.#inForce?.bundle.orgKeys ?? this.#trust?.orgKeys ?? [];
  }

  /** Whether masks may be lifted in the session's elevated tier; not without a policy. */
  get elevationEnabled(): boolean {
    return this.#inForce?.bundle.settings.elevation ?? false;
  }

  /** How old a person's sign-in may be when they open a session, in seconds; null: as old as their certificate. */
  get stepUpSeconds(): number | null {
    return this.#inForce?.bundle.settings.stepUpSeconds ?? null;
  }

  /** Functions and triggers that an administrator vouched for. */
  get vouched(): readonly Vouch[] {
    return this.#inForce?.bundle.settings.vouched ?? none;
  }

  /** Which pseudonym key the bundle in force means; null when none. */
  get pseudonymKeyId(): string | null {
    return this.#inForce?.bundle.settings.pseudonymKey ?? null;
  }

  /** Every distinct policy in force; null without any. */
  get policies(): readonly EffectivePolicy[] | null {
    return this.#inForce?.bundle.policies ?? null;
  }

  /** What this person may do; null when there is no policy for them. */
  subject(user: string): SubjectPolicy | null {
    if (this.#inForce === null || this.#inForce.revokedUsers.has(user)) return null;
    const timed = this.#inForce.policiesByUser.get(user);
    if (timed === undefined) return null;
    return { policy: currentPolicy(timed, this.#clock.now()), epoch: this.#inForce.bundle.epoch };
  }

  /** Whether the device or the person was revoked; true for everybody without a policy. */
  isRevoked(device: string, user: string): boolean {
    if (this.#inForce === null) return true;
    return this.#inForce.revokedDevices.has(device) || this.#inForce.revokedUsers.has(user);
  }

  /** Says who this agent is and what it trusts; before it every bundle is refused. */
  adopt(trust: Trust): void {
    this.#trust = trust;
  }

  /**
   * Puts a verified bundle in force, unless it is older than what was, or says something else at the same epoch.
   * At the same epoch only the time of issue and the revocations may differ (they concern certificates that
   * still run, of the whole organization): those in force stay, new ones are added.
   */
  apply(bundle: PolicyBundle, source: 'cache' | 'live'): ApplyOutcome {
    const trust = this.#trust;
    if (trust === null || !isFor(bundle, trust.identity)) return { kind: 'refused', code: 'INVALID_POLICY' };
    const before = this.#inForce;
    const floor = Math.max(trust.epoch, before?.bundle.epoch ?? 0);
    if (bundle.epoch < floor) return { kind: 'refused', code: 'STALE_EPOCH' };
    const content = contentOf(bundle);
    if (before !== null && bundle.epoch === before.bundle.epoch) {
      if (content !== before.content) return { kind: 'refused', code: 'STALE_EPOCH' };
      this.#state = source;
      if (!bringsRevocations(bundle, before)) return { kind: 'unchanged' };
      this.#inForce = addRevocations(before, bundle);
    } else {
      this.#inForce = index(bundle, content, before);
      this.#state = source;
      this.#awaitWindowEnd();
    }
    this.announce();
    return { kind: 'applied' };
  }

  /** Takes the policy out of force: this agent was revoked. */
  withdraw(): void {
    if (this.#inForce === null) return;
    // What was in force still forbids to go back.
    if (this.#trust !== null) {
      const { epoch, orgKeys } = this.#inForce.bundle;
      this.#trust = { ...this.#trust, epoch: Math.max(this.#trust.epoch, epoch), orgKeys };
    }
    this.#inForce = null;
    this.#state = 'none';
    clearTimeout(this.#windowEnd);
    this.announce();
  }

  /** The control plane may be away when a window ends: the agent ends it by itself. */
  #awaitWindowEnd(): void {
    clearTimeout(this.#windowEnd);
    const now = this.#clock.now();
    const end = nextEnd(this.#inForce?.policiesByUser.values() ?? [], now);
    if (end === null) return;
    this.#windowEnd = setTimeout(
      () => {
        if (this.#clock.now() >= end) this.announce();
        this.#awaitWindowEnd();
      },
      Math.min(end - now, longestWaitMs),
    );
    this.#windowEnd.unref();
  }

  /** Calls `listener` after every change, until it is disposed of. */
  onChanged(listener: () => void): Disposable {
    const own = (): void => listener();
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  /** Calls every listener: what the policy in force means has changed, with the key that belongs to it for example. */
  announce(): void {
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (thrown) {
        this.#options.onListenerFailure?.(thrown);
      }
    }
  }
}

function isFor(bundle: PolicyBundle, { agentId, database, org }: AgentIdentity): boolean {
  return bundle.agent === agentId && bundle.database.id === database.id && bundle.org === org.id;
}

function contentOf(bundle: PolicyBundle): string {
  return canonicalJson({ ...bundle, issuedAt: 0, revoked: null });
}

function bringsRevocations({ revoked }: PolicyBundle, before: InForce): boolean {
  return (
    revoked.devices.some((device) => !before.revokedDevices.has(device)) ||
    revoked.users.some((user) => !before.revokedUsers.has(user))
  );
}

function addRevocations(before: InForce, { revoked }: PolicyBundle): InForce {
  return {
    ...before,
    revokedDevices: new Set([...before.revokedDevices, ...revoked.devices]),
    revokedUsers: new Set([...before.revokedUsers, ...revoked.users]),
  };
}

function index(bundle: PolicyBundle, content: string, before: InForce | null): InForce {
  const policiesByText = new Map<string, EffectivePolicy>();
  const policies = bundle.policies.map((policy) => {
    const text = canonicalJson(policy);
    const kept = policiesByText.get(text) ?? before?.policiesByText.get(text) ?? policy;
    policiesByText.set(text, kept);
    return kept;
  });
  const policiesByUser = new Map<string, TimedPolicy>();
  for (const { user, policy, temporary = [] } of bundle.subjects) {
    const standing = policies[policy];
    if (standing === undefined) continue;
    const windows = temporary.flatMap(({ until, policy: at }) => {
      const effective = policies[at];
      return effective === undefined ? [] : [{ untilMs: until * 1000, policy: effective }];
    });
    policiesByUser.set(user, { standing, windows });
  }
  return {
    bundle,
    content,
    policiesByText,
    policiesByUser,
    revokedDevices: new Set(bundle.revoked.devices),
    revokedUsers: new Set(bundle.revoked.users),
  };
}
