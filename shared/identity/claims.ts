import type { AgentId, DatabaseId, DeviceId, OrgId, UserId } from '../domain/ids.ts';
import type { PasskeyProof } from './passkey-proof.ts';

/**
 * The two documents a device carries, both JWS compact with EdDSA over Ed25519 (RFC 7515, RFC 8037),
 * signed by the organization's key. Times are seconds since the Unix epoch (RFC 7519 NumericDate).
 */

/** Media types in the JOSE header `typ`, so that one document can never pass as another. */
export const documentTypes = {
  deviceCertificate: 'daam-device-certificate+jwt',
  databaseGrant: 'daam-database-grant+jwt',
  policyBundle: 'daam-policy-bundle+jwt',
} as const;

/** How the person proved who they are (RFC 8176 words where one fits). */
export type AuthenticationMethod = 'hwk' | 'user' | 'dev-token' | 'workload';

export interface DeviceCertificate {
  readonly org: OrgId;
  readonly user: UserId;
  readonly email: string;
  readonly device: DeviceId;
  /** X25519 public key of the device's WireGuard pair, base64url, 32 bytes. */
  readonly wgKey: string;
  readonly amr: readonly AuthenticationMethod[];
  /** The assertion of the person's own authenticator over `wgKey`, `org` and `exp`; null where none was made. */
  readonly passkey: PasskeyProof | null;
  readonly authTime: number;
  readonly iat: number;
  readonly exp: number;
  /** The organization's revocation epoch at issue. */
  readonly epoch: number;
  readonly jti: string;
}

export interface DatabaseGrant {
  /** base64url SHA-256 of the certificate's compact text. */
  readonly certificateHash: string;
  readonly database: DatabaseId;
  readonly agent: AgentId | null;
  readonly policyEpoch: number;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
}
