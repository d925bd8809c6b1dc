import type { AgentId, DatabaseId, OrgId, UserId } from '../domain/ids.ts';
import type { PasskeyProof, PinnedPasskey, RelyingParty } from '../identity/passkey-proof.ts';
import type { EffectivePolicy } from './effective-policy.ts';

/**
 * What the control plane pushes to an agent: everything it needs to decide alone. Travels as a JWS
 * (`documentTypes.policyBundle`), cached on the agent's disk as that same text, so the signature is the
 * integrity check. `epoch` only ever grows, per database.
 */
export interface PolicyBundle {
  readonly org: OrgId;
  readonly database: { readonly id: DatabaseId; readonly name: string };
  readonly agent: AgentId;
  readonly epoch: number;
  /** Seconds since the Unix epoch. */
  readonly issuedAt: number;
  /** The organization's Ed25519 public keys as JWK, current first; certificates and bundles verify against them. */
  readonly orgKeys: readonly { readonly kid: string; readonly x: string }[];
  /** Distinct effective policies; subjects point at them by index. */
  readonly policies: readonly EffectivePolicy[];
  readonly subjects: readonly BundleSubject[];
  readonly revoked: { readonly devices: readonly string[]; readonly users: readonly string[] };
  readonly settings: {
    /** False: no session reads raw values, value masks show as redact, and PostgreSQL alone enforces everything. */
    readonly elevation: boolean;
    /** How old the sign-in of a person who opens a session may be. Absent: as old as their certificate. Seconds. */
    readonly stepUpSeconds?: number;
    /** Absent in bundles of older control planes: none. */
    readonly vouched?: readonly Vouch[];
    /** Id of the organization's pseudonym key (shared/sql/pseudonym.ts), which travels apart from the bundle. Absent: there is none. */
    readonly pseudonymKey?: string;
    /** Where passkey ceremonies run. An agent pins the first that it sees. Absent: the control plane has no passkeys. */
    readonly relyingParty?: RelyingParty;
    /** Every administrator with passkeys, whether or not they may reach the database. Absent: those among the subjects. */
    readonly endorsers?: readonly Endorser[];
  };
}

/** An administrator's word for one function or trigger, good for as long as its hash is what it was then. */
export interface Vouch {
  readonly kind: 'function' | 'trigger';
  readonly oid: number;
  /** Lower-case hex (CatalogFunction.sourceHash, CatalogTrigger.sourceHash). */
  readonly sourceHash: string;
  /** For people: `public.similarity(text, text)`, `customers_touch on public.customers`. */
  readonly name: string;
}

export interface BundleSubject {
  readonly user: UserId;
  readonly email: string;
  /** Index into `policies`. A user without access to the database is not in the bundle at all. */
  readonly policy: number;
  /**
   * What holds instead of `policy` while windows of access requests are open: at any time the first entry whose end
   * (`until`, seconds since the Unix epoch) has not come. In order of `until`; after the last one, `policy` holds. The
   * agent follows it by its own clock, so that a window ends in an outage too. Absent: none is open.
   */
  readonly temporary?: readonly { readonly until: number; readonly policy: number }[];
  /** Whether the person may endorse other people's passkeys. Absent: no. */
  readonly isAdmin?: boolean;
  /** The person's passkeys as the control plane knows them; the agent decides which of them it pins. Absent: none. */
  readonly passkeys?: readonly SubjectPasskey[];
}

/** An administrator, whose passkeys may speak for other people's. */
export interface Endorser {
  readonly user: UserId;
  readonly email: string;
  readonly passkeys: readonly SubjectPasskey[];
}

/** A passkey, and the word of the person or of an administrator for it (identity/passkey-endorsement.ts). */
export interface SubjectPasskey extends PinnedPasskey {
  readonly endorsement: { readonly by: UserId; readonly proof: PasskeyProof } | null;
}
