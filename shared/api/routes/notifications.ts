import { z } from 'zod';
import { route } from '../route.ts';
import { timestamp } from '../schemas.ts';
import { eventPattern } from './webhooks.ts';

/** What DAAM tells people by mail: docs/notifications.md. */

const tag = 'notifications';

/** What I hear of by mail. News of my own account (passkeys, devices, tokens, role) always comes. */
export const notificationPreferences = z.strictObject({
  requests: z
    .strictObject({
      /** What becomes of what I asked for. */
      mine: z.boolean().default(true),
      /** What waits for my decision or review. */
      inbox: z.boolean().default(true),
    })
    .prefault({}),
  /** Auditors and administrators: every event of the organization with one of these names, as webhooks name them. */
  events: z.array(eventPattern).max(100).default([]),
});
export type NotificationPreferences = z.output<typeof notificationPreferences>;

const mailStatus = z.object({
  /** Whether the operator named a mail server. */
  isConfigured: z.boolean(),
  from: z.string().nullable(),
  waiting: z.number().int(),
  /** Messages of the last 24 hours. */
  lastDay: z.object({ sent: z.number().int(), failed: z.number().int() }),
  /** The last one that failed: when, and a word for why. */
  lastFailure: z.object({ at: timestamp, failure: z.string() }).nullable(),
});

export const notificationRoutes = {
  getNotificationPreferences: route({
    method: 'GET',
    path: '/api/v1/me/notifications',
    summary: 'What I hear of by mail.',
    tag,
    status: 200,
    response: notificationPreferences,
  }),
  putNotificationPreferences: route({
    method: 'PUT',
    path: '/api/v1/me/notifications',
    summary: 'Change it.',
    tag,
    body: notificationPreferences,
    status: 200,
    response: notificationPreferences,
  }),
  getMailStatus: route({
    method: 'GET',
    path: '/api/v1/organization/mail',
    summary: 'Whether mail goes out, and how it went lately.',
    tag,
    status: 200,
    response: mailStatus,
  }),
  testMail: route({
    method: 'POST',
    path: '/api/v1/organization/mail/test',
    summary: 'Send a test message to myself.',
    tag,
    status: 201,
    response: z.object({ to: z.string() }),
  }),
} as const;
