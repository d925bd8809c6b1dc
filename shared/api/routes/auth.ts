import { z } from 'zod';
import { documentRules } from '../../identity/documents.ts';
import { route } from '../route.ts';
import { email, id, key32, label, nothing, role, timestamp } from '../schemas.ts';

/**
 * Signing in by a passkey, in the system's browser: authorization code with PKCE over loopback (RFC 8252, RFC 7636) or a
 * device code (RFC 8628). Either ends at `exchangeToken`, which also asks for a proof by the device's own key.
 */

const tag = 'auth';

/** The one client that there is: desktop app, engine and `daam`. */
export const desktopClientId = 'daam-desktop';

/** Path of the page on which the person signs in, and of the one for device codes. */
export const authorizePath = '/auth/authorize';
export const devicePagePath = '/device';

/** `grant_type` of a device code (RFC 8628 section 3.4). */
export const deviceCodeGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** `http://127.0.0.1:<port>/callback` or the same on `[::1]`: the loopback interface by its address (RFC 8252 section 7.3). */
export const loopbackRedirect = z
  .string()
  .max(64)
  .regex(/^http:\/\/(127\.0\.0\.1|\[::1\]):[1-9][0-9]{0,4}\/callback$/, 'http://127.0.0.1:<port>/callback')
  .refine((text) => Number(new RegExp(/:(\d+)\/callback$/).exec(text)?.[1]) <= 65_535, 'a port');

const clientId = z.literal(desktopClientId);

/** 43 to 128 unreserved characters (RFC 7636 section 4.1). */
const codeVerifier = z.string().regex(/^[A-Za-z0-9._~-]{43,128}$/, 'a code verifier of RFC 7636');

/** Of this control plane: random, 43 characters. */
const oneTimeText = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'a code of this control plane');

/** Name or id of an organization. Needed only where the control plane has several. */
const organizationRef = z.union([id, label]);

/**
 * The query of `GET /auth/authorize`. Redirects to `redirect_uri?code=…&state=…` when the person has signed in, and to
 * `redirect_uri?error=access_denied&state=…` when they refuse.
 */
export const authorizeQuery = z.strictObject({
  client_id: clientId,
  /** RFC 6749 section 4.1.1. There is no other kind; who leaves it out gets this one. */
  response_type: z.literal('code').optional(),
  redirect_uri: loopbackRedirect,
  /** base64url SHA-256 of the code verifier. */
  code_challenge: key32,
  code_challenge_method: z.literal('S256'),
  state: z.string().regex(/^[A-Za-z0-9._~-]{8,200}$/, '8 to 200 unreserved characters'),
  device_name: label,
  device_os: label,
  wg_key: key32,
  login_hint: email.optional(),
  org: organizationRef.optional(),
});
export type AuthorizeQuery = z.output<typeof authorizeQuery>;

/**
 * The device key's word: `prove` of shared/identity/possession.ts with purpose `control-plane`, the code (or device code)
 * as the document, and as audience the origin under which the client reaches the control plane.
 */
export const deviceKeyProof = z.strictObject({ challenge: oneTimeText, proof: key32 });

export const signedIn = z.object({
  /** `daam_dat_…`: the device's own access token, a bearer token as an API token is. Ends with the certificate. */
  accessToken: z.string().max(200),
  expiresAt: timestamp,
  user: z.object({ id, email: z.string(), name: z.string(), role }),
  org: z.object({ id, name: z.string() }),
  device: z.object({ id, name: z.string() }),
  /** JWS of a DeviceCertificate that carries the passkey's assertion. */
  certificate: z.string().max(documentRules.deviceCertificate.maxBytes),
  certificateExpiresAt: timestamp,
});
export type SignedIn = z.output<typeof signedIn>;

export const authRoutes = {
  makeAuthChallenge: route({
    method: 'POST',
    path: '/api/v1/auth/challenge',
    summary:
      'A challenge for the device’s key (shared/identity/possession.ts). Good for one proof, for two minutes.',
    tag,
    status: 201,
    response: z.object({
      /** Names the challenge at `exchangeToken`. */
      challenge: oneTimeText,
      nonce: key32,
      verifierKey: key32,
      expiresAt: timestamp,
    }),
  }),
  exchangeToken: route({
    method: 'POST',
    path: '/api/v1/auth/token',
    summary:
      'Exchange a code or an approved device code for an access token and a device certificate. ' +
      'AUTHORIZATION_PENDING: ask again after `interval`; RATE_LIMITED: more slowly; FORBIDDEN: the person refused.',
    tag,
    body: z.discriminatedUnion('grant_type', [
      z.strictObject({
        grant_type: z.literal('authorization_code'),
        client_id: clientId,
        code: oneTimeText,
        code_verifier: codeVerifier,
        redirect_uri: loopbackRedirect,
        device_proof: deviceKeyProof,
      }),
      z.strictObject({
        grant_type: z.literal(deviceCodeGrant),
        client_id: clientId,
        device_code: oneTimeText,
        device_proof: deviceKeyProof,
      }),
    ]),
    status: 201,
    response: signedIn,
  }),
  startDeviceCode: route({
    method: 'POST',
    path: '/api/v1/auth/device',
    summary: 'Begin a sign-in that the person completes in a browser elsewhere (RFC 8628).',
    tag,
    body: z.strictObject({
      client_id: clientId,
      device_name: label,
      device_os: label,
      wg_key: key32,
      login_hint: email.optional(),
      org: organizationRef.optional(),
    }),
    status: 201,
    response: z.object({
      device_code: oneTimeText,
      /** `BCDF-GHJK`: what the person types. */
      user_code: z.string().max(16),
      verification_uri: z.url().max(500),
      verification_uri_complete: z.url().max(600),
      /** Seconds. */
      expires_in: z.number().int(),
      interval: z.number().int(),
    }),
  }),
  signOut: route({
    method: 'POST',
    path: '/api/v1/auth/sign-out',
    summary: 'End the access token of this call. An API token is left as it is.',
    tag,
    status: 204,
    response: nothing,
  }),
} as const;
