import { z } from 'zod';

/**
 * What `PublicKeyCredential.toJSON()` gives in a browser (WebAuthn level 3 section 5.1), as far as it is used. Every text
 * has a ceiling; what is not named here is dropped.
 */

const base64Url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/, 'base64url');

/** WebAuthn level 3 section 4: at most 1023 bytes. */
const credentialId = base64Url(1_364);
const clientDataJSON = base64Url(2_000);

/** An answer of `navigator.credentials.get`. */
export const assertionJson = z.object({
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  response: z.object({
    authenticatorData: base64Url(2_000),
    clientDataJSON,
    signature: base64Url(1_400),
    userHandle: base64Url(100).nullish(),
  }),
});
export type AssertionJson = z.output<typeof assertionJson>;

/** An answer of `navigator.credentials.create`. */
export const registrationJson = z.object({
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  response: z.object({
    attestationObject: base64Url(16_000),
    clientDataJSON,
    transports: z
      .array(z.string().regex(/^[a-z-]{1,32}$/))
      .max(10)
      .default([]),
  }),
});
export type RegistrationJson = z.output<typeof registrationJson>;
