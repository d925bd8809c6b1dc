import {
  type AgentId,
  type AnyId,
  asId,
  type DatabaseId,
  type DeviceId,
  type OrgId,
  type UserId,
} from '../domain/ids.ts';
import type { DatabaseGrant, DeviceCertificate } from '../identity/claims.ts';
import type { SigningKey } from '../identity/keys.ts';
import type { PolicyBundle } from '../policy/bundle.ts';
import { parsePolicyBody } from '../policy/document.ts';
import { mergePolicies } from '../policy/merge.ts';

/** The moment of every sample, in milliseconds since the Unix epoch. */
export const sampleNow = 1_800_000_000_000;
const nowSeconds = sampleNow / 1000;

/** A UUID that tests can tell apart by its number. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as asId: the caller names the brand
export function sampleId<Id extends AnyId>(number: number): Id {
  return asId<Id>(`00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`);
}

/** The identity that all samples agree on. */
export const sampleAudience = {
  org: sampleId<OrgId>(1),
  database: sampleId<DatabaseId>(2),
  agent: sampleId<AgentId>(3),
};

/** 32 bytes in base64url. */
export const sampleKey32 = Buffer.alloc(32, 7).toString('base64url');

/** A device certificate that is valid at `sampleNow`. */
export function sampleCertificate(changes: Partial<DeviceCertificate> = {}): DeviceCertificate {
  return {
    org: sampleAudience.org,
    user: sampleId<UserId>(4),
    email: 'dev@example.com',
    device: sampleId<DeviceId>(5),
    wgKey: sampleKey32,
    amr: ['dev-token'],
    passkey: null,
    authTime: nowSeconds - 10,
    iat: nowSeconds - 5,
    exp: nowSeconds + 8 * 3_600,
    epoch: 1,
    jti: 'certificate-1',
    ...changes,
  };
}

/** A database grant that is valid at `sampleNow`. */
export function sampleGrant(changes: Partial<DatabaseGrant> = {}): DatabaseGrant {
  return {
    certificateHash: sampleKey32,
    database: sampleAudience.database,
    agent: sampleAudience.agent,
    policyEpoch: 1,
    iat: nowSeconds - 5,
    exp: nowSeconds + 300,
    jti: 'grant-1',
    ...changes,
  };
}

/** A bundle with one subject, signed later by `key`. */
export function sampleBundle(key: SigningKey, changes: Partial<PolicyBundle> = {}): PolicyBundle {
  const body = parsePolicyBody({
    grants: [{ table: 'public.customers', operations: ['select'] }],
    masks: [{ column: 'public.customers.email', preset: 'email' }],
    limits: { maxRows: 1000, statementTimeout: '30s' },
  });
  return {
    org: sampleAudience.org,
    database: { id: sampleAudience.database, name: 'shop' },
    agent: sampleAudience.agent,
    epoch: 1,
    issuedAt: nowSeconds - 1,
    orgKeys: [key.publicKey],
    policies: [mergePolicies('shop', [{ name: 'analyst', version: 1, body }])],
    subjects: [{ user: sampleId<UserId>(4), email: 'dev@example.com', policy: 0 }],
    revoked: { devices: [], users: [] },
    settings: { elevation: true },
    ...changes,
  };
}
