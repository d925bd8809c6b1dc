import { z } from 'zod';
import { route } from '../route.ts';
import { id, label, nothing, role, slug, timestamp } from '../schemas.ts';
import { serviceScope } from '../service-scopes.ts';

/**
 * Accounts of programs: a role, scopes, and tokens that are rotated. A token is shown once; of each account two are
 * valid at most, and the older one ends when a rotation's overlap is over.
 */

const tag = 'service-accounts';

const byId = z.strictObject({ id });

const scopes = z
  .array(serviceScope)
  .min(1)
  .max(20)
  .transform((list) => [...new Set(list)].toSorted());

const expiresInDays = z.number().int().min(1).max(366).default(90);

export const serviceTokenView = z.object({
  id,
  /** The first characters of the token, so that it can be recognized. */
  prefix: z.string(),
  createdAt: timestamp,
  expiresAt: timestamp,
  lastUsedAt: timestamp.nullable(),
});

export const serviceAccountView = z.object({
  id,
  name: z.string(),
  /** How it is called in the audit log; no mail reaches it. */
  email: z.string(),
  description: z.string(),
  role,
  scopes: z.array(serviceScope),
  disabled: z.boolean(),
  createdAt: timestamp,
  /** Those that are valid, the newest first. */
  tokens: z.array(serviceTokenView),
});
export type ServiceAccountView = z.infer<typeof serviceAccountView>;

const issued = z.object({ token: z.string(), serviceAccount: serviceAccountView });

export const serviceAccountRoutes = {
  listServiceAccounts: route({
    method: 'GET',
    path: '/api/v1/service-accounts',
    summary: 'Service accounts with their valid tokens (never the tokens themselves).',
    tag,
    status: 200,
    response: z.object({ items: z.array(serviceAccountView) }),
  }),
  createServiceAccount: route({
    method: 'POST',
    path: '/api/v1/service-accounts',
    summary: 'Add a service account; its first token is shown once.',
    tag,
    body: z.strictObject({
      name: slug,
      description: label.optional(),
      role: role.default('member'),
      scopes,
      expiresInDays,
    }),
    status: 201,
    response: issued,
  }),
  updateServiceAccount: route({
    method: 'PATCH',
    path: '/api/v1/service-accounts/:id',
    summary: 'Change description, role or scopes of a service account, or disable it.',
    tag,
    params: byId,
    body: z.strictObject({
      description: label.optional(),
      role: role.optional(),
      scopes: scopes.optional(),
      disabled: z.boolean().optional(),
    }),
    status: 200,
    response: serviceAccountView,
  }),
  deleteServiceAccount: route({
    method: 'DELETE',
    path: '/api/v1/service-accounts/:id',
    summary: 'Remove a service account; its tokens end at once, and its name is free.',
    tag,
    params: byId,
    status: 204,
    response: nothing,
  }),
  rotateServiceToken: route({
    method: 'POST',
    path: '/api/v1/service-accounts/:id/tokens',
    summary: 'A new token, shown once. The one before it stays valid for the overlap, and older ones end.',
    tag,
    params: byId,
    body: z.strictObject({
      expiresInDays,
      /** How long the token before this one stays valid; 0: not at all. */
      overlapMinutes: z.number().int().min(0).max(43_200).default(1_440),
    }),
    status: 201,
    response: issued,
  }),
  revokeServiceToken: route({
    method: 'DELETE',
    path: '/api/v1/service-accounts/:id/tokens/:token',
    summary: 'End a token of a service account at once.',
    tag,
    params: z.strictObject({ id, token: id }),
    status: 204,
    response: nothing,
  }),
} as const;
