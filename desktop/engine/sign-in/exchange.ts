/** The last step of both ways to sign in: a code and a proof by the device key, against a token and a certificate. */
import type { KeyObject } from 'node:crypto';
import type { ApiClient } from '@daam/shared/api/client';
import { deviceCodeGrant, desktopClientId, type SignedIn } from '@daam/shared/api/routes/auth';
import { AppError } from '@daam/shared/errors/app-error';
import { prove } from '@daam/shared/identity/possession';
import { x25519PublicText } from '@daam/shared/identity/x25519';
import * as z from 'zod';

/** What is exchanged: a code with what it is bound to, or a device code. */
export type Exchanged =
  | {
      readonly kind: 'code';
      readonly code: string;
      readonly verifier: string;
      readonly redirectUri: string;
    }
  | { readonly kind: 'device-code'; readonly deviceCode: string };

export interface ExchangeOptions {
  readonly client: ApiClient;
  /** Origin under which the control plane is reached: what the proof is for. */
  readonly controlPlane: string;
  readonly deviceKey: KeyObject;
  readonly signal: AbortSignal;
}

/**
 * Exchanges once. The control plane's own refusal otherwise (AUTHORIZATION_PENDING, RATE_LIMITED, FORBIDDEN, REVOKED, …);
 * INVALID_CERTIFICATE when the certificate that came is not of this key.
 */
export async function exchange(exchanged: Exchanged, options: ExchangeOptions): Promise<SignedIn> {
  const { client, controlPlane, deviceKey, signal } = options;
  const document = exchanged.kind === 'code' ? exchanged.code : exchanged.deviceCode;
  const { challenge, nonce, verifierKey } = await client.makeAuthChallenge({}, { signal });
  const proof = prove({
    challenge: { nonce, verifierKey },
    deviceKey,
    binding: { purpose: 'control-plane', document, audience: controlPlane },
  });
  const device_proof = { challenge, proof };
  const client_id = desktopClientId;
  const body =
    exchanged.kind === 'code'
      ? ({
          grant_type: 'authorization_code',
          client_id,
          code: exchanged.code,
          code_verifier: exchanged.verifier,
          redirect_uri: exchanged.redirectUri,
          device_proof,
        } as const)
      : ({ grant_type: deviceCodeGrant, client_id, device_code: document, device_proof } as const);
  const answer = await client.exchangeToken({ body }, { signal });
  checkCertificate(answer, x25519PublicText(deviceKey));
  return answer;
}

const claimsSchema = z.looseObject({ wgKey: z.string(), user: z.string(), device: z.string() });

/** Agents verify it; here it only has to be ours, so that nothing is kept that no agent would take. */
function checkCertificate({ certificate, user, device }: SignedIn, ownKey: string): void {
  let claims: z.infer<typeof claimsSchema>;
  try {
    const text = Buffer.from(certificate.split('.')[1] ?? '', 'base64url').toString();
    claims = claimsSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError('INVALID_CERTIFICATE', { detail: 'the certificate cannot be read', cause });
  }
  if (claims.wgKey !== ownKey || claims.user !== user.id || claims.device !== device.id) {
    throw new AppError('INVALID_CERTIFICATE', { detail: 'the certificate is of another device or user' });
  }
}
