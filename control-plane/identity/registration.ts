import { createPublicKey, type KeyObject } from 'node:crypto';
import { AppError } from '@daam/shared/errors/app-error';
import { type PinnedPasskey, pinnedPasskey, type RelyingParty } from '@daam/shared/identity/passkey-proof';
import { generateRegistrationOptions, verifyRegistrationResponse } from '@simplewebauthn/server';
import { cose, decodeAttestationObject, decodeCredentialPublicKey } from '@simplewebauthn/server/helpers';
import type { RegistrationJson } from './credential-json.ts';

/** A passkey as its registration showed it. */
export interface NewPasskey extends PinnedPasskey {
  readonly signCount: number;
  readonly isBackupEligible: boolean;
  readonly isBackedUp: boolean;
  readonly transports: string[];
}

/** What a passkey keeps of its owner (WebAuthn's user handle): the 16 bytes of their id, which tell nothing. */
export function userHandleOf(user: string): Buffer {
  return Buffer.from(user.replaceAll('-', ''), 'hex');
}

/** Preferred first: EdDSA, ES256, RS256. Those that agents verify. */
const algorithms = [-8, -7, -257];

/** How long the browser waits for the person, in milliseconds. */
export const ceremonyTimeoutMs = 180_000;

/**
 * Options of `navigator.credentials.create`: a passkey that the person finds without a name (resident key), that verifies
 * them itself, and that says nothing about its maker (attestation none).
 */
export async function registrationOptions(asked: {
  readonly relyingParty: RelyingParty;
  readonly org: string;
  readonly user: { readonly id: string; readonly email: string; readonly name: string };
  /** base64url of 32 random bytes. */
  readonly challenge: string;
  readonly known: readonly { readonly credentialId: string; readonly transports: readonly string[] }[];
}): Promise<Record<string, unknown>> {
  const options = await generateRegistrationOptions({
    rpName: `DAAM ${asked.org}`,
    rpID: asked.relyingParty.id,
    userName: asked.user.email,
    userDisplayName: asked.user.name,
    userID: Uint8Array.from(userHandleOf(asked.user.id)),
    challenge: Uint8Array.from(Buffer.from(asked.challenge, 'base64url')),
    timeout: ceremonyTimeoutMs,
    attestationType: 'none',
    excludeCredentials: asked.known.map(({ credentialId, transports }) => ({
      id: credentialId,
      transports: [...transports],
    })),
    authenticatorSelection: {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
    },
    supportedAlgorithmIDs: algorithms,
  });
  return { ...options };
}

/** Verifies a registration (WebAuthn level 3 section 7.1) and reads the passkey. UNAUTHENTICATED when it does not hold. */
export async function readRegistration(asked: {
  readonly relyingParty: RelyingParty;
  readonly credential: RegistrationJson;
  readonly challenge: string;
}): Promise<NewPasskey> {
  try {
    return await verifyRegistration(asked);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw refused('registration', cause);
  }
}

async function verifyRegistration({
  relyingParty,
  credential,
  challenge,
}: Parameters<typeof readRegistration>[0]): Promise<NewPasskey> {
  refuseAttestation(credential.response.attestationObject);
  const { registrationInfo } = await verifyRegistrationResponse({
    response: { ...credential, clientExtensionResults: {} },
    expectedChallenge: challenge,
    expectedOrigin: [...relyingParty.origins],
    expectedRPID: relyingParty.id,
    requireUserPresence: true,
    requireUserVerification: true,
    supportedAlgorithmIDs: algorithms,
  });
  if (registrationInfo === undefined) throw refused('registration');
  const { id, publicKey, counter } = registrationInfo.credential;
  const { key, algorithm } = readCoseKey(publicKey);
  return {
    ...pinnedPasskey(id, key, algorithm),
    signCount: counter,
    isBackupEligible: registrationInfo.credentialDeviceType === 'multiDevice',
    isBackedUp: registrationInfo.credentialBackedUp,
    transports: [...credential.response.transports],
  };
}

/**
 * None was asked for. A statement with certificates would be followed to addresses that stand in them (revocation lists),
 * so it is refused before anything looks at it; self attestation has none.
 */
function refuseAttestation(text: string): void {
  const decoded = decodeAttestationObject(Uint8Array.from(Buffer.from(text, 'base64url')));
  const format = decoded.get('fmt');
  const isSelf = format === 'packed' && decoded.get('attStmt').get('x5c') === undefined;
  if (format !== 'none' && !isSelf) throw refused('attestation that nobody asked for');
}

/** A COSE key (RFC 9052) as a key of Node's, with its algorithm. */
function readCoseKey(bytes: Uint8Array): {
  readonly key: KeyObject;
  readonly algorithm: PinnedPasskey['algorithm'];
} {
  const decoded = decodeCredentialPublicKey(Uint8Array.from(bytes));
  const algorithm = Number(decoded.get(cose.COSEKEYS.alg));
  if (cose.isCOSEPublicKeyEC2(decoded) && algorithm === -7) {
    const [x, y] = [textOf(decoded.get(cose.COSEKEYS.x)), textOf(decoded.get(cose.COSEKEYS.y))];
    return { key: importKey({ kty: 'EC', crv: 'P-256', x, y }), algorithm: -7 };
  }
  if (cose.isCOSEPublicKeyOKP(decoded) && algorithm === -8) {
    const x = textOf(decoded.get(cose.COSEKEYS.x));
    return { key: importKey({ kty: 'OKP', crv: 'Ed25519', x }), algorithm: -8 };
  }
  if (cose.isCOSEPublicKeyRSA(decoded) && algorithm === -257) {
    const [n, e] = [textOf(decoded.get(cose.COSEKEYS.n)), textOf(decoded.get(cose.COSEKEYS.e))];
    const key = importKey({ kty: 'RSA', n, e });
    if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < 2_048) throw refused('a short RSA key');
    return { key, algorithm: -257 };
  }
  throw refused('a key of another kind');
}

function importKey(key: Record<string, string>): KeyObject {
  return createPublicKey({ key, format: 'jwk' });
}

function textOf(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) throw refused('a key with a part missing');
  return Buffer.from(bytes).toString('base64url');
}

function refused(detail: string, cause?: unknown): AppError {
  return new AppError('UNAUTHENTICATED', {
    message: 'The passkey could not be registered.',
    hint: 'Try again, or use another device.',
    detail,
    cause,
  });
}
