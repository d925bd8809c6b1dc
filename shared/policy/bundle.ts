import type { AgentId, DatabaseId, OrgId, UserId } from '../domain/ids.ts';
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
  readonly settings: { readonly elevation: boolean };
}

export interface BundleSubject {
  readonly user: UserId;
  readonly email: string;
  /** Index into `policies`. A user without access to the database is not in the bundle at all. */
  readonly policy: number;
}
