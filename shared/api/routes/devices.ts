import { z } from 'zod';
import { route } from '../route.ts';
import { id, key32, label, nothing, timestamp } from '../schemas.ts';

/** A person's devices and their certificates. */

const tag = 'devices';

const byId = z.strictObject({ id });

export const deviceView = z.object({
  id,
  name: z.string(),
  os: z.string(),
  wgKey: key32,
  createdAt: timestamp,
  /** When its newest certificate ends; null: it never had one. */
  certificateExpiresAt: timestamp.nullable().default(null),
  /** Its last call, to the minute. */
  lastUsedAt: timestamp.nullable().default(null),
  /** Whether this very call comes from it. */
  isCurrent: z.boolean().default(false),
  revokedAt: timestamp.nullable(),
});
export type DeviceView = z.output<typeof deviceView>;

export const deviceRoutes = {
  registerDevice: route({
    method: 'POST',
    path: '/api/v1/devices',
    summary:
      'Register this device by the public half of its key. The same key again answers the same device.',
    tag,
    body: z.strictObject({ name: label, os: label, wgKey: key32 }),
    status: 201,
    response: deviceView,
  }),
  listDevices: route({
    method: 'GET',
    path: '/api/v1/devices',
    summary: 'My devices.',
    tag,
    status: 200,
    response: z.object({ items: z.array(deviceView) }),
  }),
  listOrganizationDevices: route({
    method: 'GET',
    path: '/api/v1/organization/devices',
    summary: 'Devices of everybody, or of one user; the newest 1000.',
    tag,
    query: z.strictObject({ user: id.optional() }),
    status: 200,
    response: z.object({
      items: z.array(deviceView.extend({ user: z.object({ id, email: z.string() }) })),
    }),
  }),
  renameDevice: route({
    method: 'PATCH',
    path: '/api/v1/devices/:id',
    summary: 'Give one of my devices another name.',
    tag,
    params: byId,
    body: z.strictObject({ name: label }),
    status: 200,
    response: deviceView,
  }),
  revokeDevice: route({
    method: 'DELETE',
    path: '/api/v1/devices/:id',
    summary:
      'Revoke a device: mine, or as administrator anyone’s. Its access tokens end, and agents learn it at once.',
    tag,
    params: byId,
    status: 204,
    response: nothing,
  }),
  issueCertificate: route({
    method: 'POST',
    path: '/api/v1/devices/:id/certificate',
    summary: 'A device certificate. By API token alone only where development tokens are switched on.',
    tag,
    params: byId,
    status: 201,
    response: z.object({ certificate: z.string(), expiresAt: timestamp }),
  }),
} as const;
