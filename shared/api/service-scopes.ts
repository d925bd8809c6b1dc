import { z } from 'zod';

/**
 * What a service account may be allowed: a part of the API, to read or to change. Its role bounds it besides: a scope
 * opens nothing that the role does not. Whatever makes credentials (tokens, devices, passkeys, invitations, service
 * accounts) and whatever decides on requests is in no scope: that takes a person.
 */
export const serviceScope = z.enum([
  'audit:read',
  'databases:read',
  'databases:write',
  'people:read',
  'people:write',
  'policies:publish',
  'policies:read',
  'policies:write',
  'requests:read',
  'webhooks:read',
  'webhooks:write',
]);
export type ServiceScope = z.infer<typeof serviceScope>;
