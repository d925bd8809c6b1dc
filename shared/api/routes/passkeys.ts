import { z } from 'zod';
import { route } from '../route.ts';
import { id, nothing, timestamp } from '../schemas.ts';

/** Passkeys of people. They are made and endorsed on the control plane's pages, in a browser. */

const tag = 'passkeys';

const byId = z.strictObject({ id });

export const passkeyView = z.object({
  id,
  user: z.object({ id, email: z.string() }),
  /** The owner's name for it. */
  name: z.string(),
  /** What people compare (shared/identity/passkey-proof.ts). */
  fingerprint: z.string(),
  /** Whether it is, or may be, on several of its owner's devices (WebAuthn level 3, backup eligibility and state). */
  isSynced: z.boolean(),
  createdAt: timestamp,
  lastUsedAt: timestamp.nullable(),
  revokedAt: timestamp.nullable(),
  /** Whether it opens nothing until an administrator who did not invite its owner has approved it. */
  isHeld: z.boolean(),
  /** Whose passkey spoke for it: its owner's older one, or an administrator's. Null: nobody's. */
  endorsedBy: z.object({ id, email: z.string() }).nullable(),
});
export type PasskeyView = z.output<typeof passkeyView>;

export const passkeyRoutes = {
  listPasskeys: route({
    method: 'GET',
    path: '/api/v1/passkeys',
    summary: 'My passkeys.',
    tag,
    status: 200,
    response: z.object({ items: z.array(passkeyView) }),
  }),
  listOrganizationPasskeys: route({
    method: 'GET',
    path: '/api/v1/organization/passkeys',
    summary: 'Passkeys of everybody, or of one user; the newest 1000.',
    tag,
    query: z.strictObject({ user: id.optional() }),
    status: 200,
    response: z.object({ items: z.array(passkeyView) }),
  }),
  revokePasskey: route({
    method: 'DELETE',
    path: '/api/v1/passkeys/:id',
    summary:
      'Remove a passkey: mine, or as administrator anyone’s. Devices that signed in with it are signed out. ' +
      'CONFLICT for one’s own last one.',
    tag,
    params: byId,
    status: 204,
    response: nothing,
  }),
  inviteUser: route({
    method: 'POST',
    path: '/api/v1/users/:id/invitation',
    summary:
      'A link with which the user makes a passkey, once. An older link of theirs stops working. Whoever has a passkey ' +
      'needs a sign-in of the last minutes for it; a passkey of somebody who had one before waits for an approval.',
    tag,
    params: byId,
    status: 201,
    response: z.object({ url: z.url().max(600), expiresAt: timestamp }),
  }),
} as const;
