import { randomBytes } from 'node:crypto';
import { asId, type OrgId, type UserId } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import { checkAssertion, type PasskeyProof, type RelyingParty } from '@daam/shared/identity/passkey-proof';
import type { Role } from '@daam/shared/api/schemas';
import { query } from '../db/query.ts';
import type { Em } from '../db/store.ts';
import type { AssertionJson } from './credential-json.ts';
import { ceremonyTimeoutMs, userHandleOf } from './registration.ts';

/** Who made an assertion, and the assertion as it travels. */
export interface Asserted {
  readonly user: { readonly id: UserId; readonly email: string; readonly name: string; readonly role: Role };
  readonly org: OrgId;
  readonly passkeyId: string;
  readonly proof: PasskeyProof;
  /** Milliseconds since the Unix epoch. */
  readonly authTime: number;
}

/** 32 random bytes, base64url: a nonce, or a challenge that commits to nothing. */
export function randomNonce(): string {
  return randomBytes(32).toString('base64url');
}

/** Options of `navigator.credentials.get`. Without `allowed` the person picks the passkey: no name is asked or told. */
export function assertionOptions(asked: {
  readonly relyingParty: RelyingParty;
  readonly challenge: string;
  readonly allowed?: readonly { readonly credentialId: string; readonly transports: readonly string[] }[];
}): Record<string, unknown> {
  return {
    rpId: asked.relyingParty.id,
    challenge: asked.challenge,
    timeout: ceremonyTimeoutMs,
    userVerification: 'required',
    allowCredentials: (asked.allowed ?? []).map(({ credentialId, transports }) => ({
      id: credentialId,
      type: 'public-key',
      transports,
    })),
  };
}

/**
 * Verifies an assertion as agents do (shared/identity/passkey-proof.ts), and what only the keeper of passkeys can: the
 * counter, the backup flags and the user handle (WebAuthn level 3 section 7.2). One and the same UNAUTHENTICATED for
 * whatever is wrong; only the log knows what.
 */
export async function verifyAssertion(
  em: Em,
  asked: {
    readonly credential: AssertionJson;
    readonly challenge: string;
    readonly nonce: string;
    /** The organization whose person it must be; null: anyone's. */
    readonly org: OrgId | null;
    readonly relyingParty: RelyingParty;
    readonly now: number;
  },
): Promise<Asserted> {
  const { credential, challenge, nonce, relyingParty } = asked;
  const row = await findPasskey(em, credential.id);
  if (row === null) throw refused('unknown passkey');
  if (asked.org !== null && row.org_id !== asked.org) throw refused('passkey of another organization');
  const { authenticatorData, clientDataJSON, signature, userHandle } = credential.response;
  const proof = { credentialId: credential.id, nonce, authenticatorData, clientDataJSON, signature };
  const fault = checkAssertion({
    proof,
    challenge,
    passkeys: [{ credentialId: row.credential_id, publicKey: row.public_key, algorithm: row.algorithm }],
    relyingParty,
  });
  if (fault !== null) throw refused(fault);
  if (typeof userHandle === 'string' && userHandle !== userHandleOf(row.user_id).toString('base64url')) {
    throw refused('another user handle');
  }
  if (row.is_held) throw held();
  await noteUse(em, row, { authenticatorData, now: asked.now });
  return {
    user: { id: asId<UserId>(row.user_id), email: row.email, name: row.user_name, role: row.role },
    org: asId<OrgId>(row.org_id),
    passkeyId: row.id,
    proof,
    authTime: asked.now,
  };
}

interface PasskeyRow {
  readonly id: string;
  readonly org_id: string;
  readonly user_id: string;
  readonly email: string;
  readonly user_name: string;
  readonly role: Role;
  readonly credential_id: string;
  readonly public_key: string;
  readonly algorithm: -7 | -8 | -257;
  readonly is_backup_eligible: boolean;
  readonly is_held: boolean;
}

/** By the credential's id, before an organization is known: it says which one. */
async function findPasskey(em: Em, credentialId: string): Promise<PasskeyRow | null> {
  const [row] = await query<PasskeyRow[]>(
    em,
    `select p.id, p.org_id, p.user_id, u.email, u.name as user_name, u.role, p.credential_id, p.public_key,
            p.algorithm, p.is_backup_eligible, p.is_held
       from passkeys p join users u on u.org_id = p.org_id and u.id = p.user_id
      where p.credential_id = ? and p.revoked_at is null and u.disabled_at is null`,
    [credentialId],
  );
  return row ?? null;
}

const flagsOffset = 32;
const backupEligible = 0x08;
const backedUp = 0x10;

/** Keeps counter and backup state. A counter that does not grow is a copy of the authenticator (step 22): refused. */
async function noteUse(
  em: Em,
  row: PasskeyRow,
  { authenticatorData, now }: { readonly authenticatorData: string; readonly now: number },
): Promise<void> {
  const bytes = Buffer.from(authenticatorData, 'base64url');
  const flags = bytes.readUInt8(flagsOffset);
  const signCount = bytes.readUInt32BE(flagsOffset + 1);
  const isEligible = (flags & backupEligible) !== 0;
  const isBackedUp = (flags & backedUp) !== 0;
  if (isEligible !== row.is_backup_eligible || (isBackedUp && !isEligible)) throw refused('backup flags');
  const updated = await query(
    em,
    `update passkeys set sign_count = ?, is_backed_up = ?, last_used_at = ?
      where id = ? and org_id = ? and (sign_count < ? or (sign_count = 0 and ? = 0)) returning id`,
    [signCount, isBackedUp, new Date(now), row.id, row.org_id, signCount, signCount],
  );
  if (updated.length === 0) throw refused('the counter did not grow');
}

/** Only whoever has it hears this. */
function held(): AppError {
  return new AppError('UNAUTHENTICATED', {
    message: 'This passkey waits for an approval.',
    hint: 'An administrator, not the one who invited you, approves it on the page Approvals.',
    detail: 'assertion: held',
  });
}

function refused(detail: string): AppError {
  return new AppError('UNAUTHENTICATED', {
    message: 'The passkey was not accepted.',
    hint: 'Use the passkey that you made for this organization, or ask an administrator for a new invitation.',
    detail: `assertion: ${detail}`,
  });
}
