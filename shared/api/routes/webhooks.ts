import { z } from 'zod';
import { route } from '../route.ts';
import { id, label, nothing, pageOf, pageQuery, timestamp } from '../schemas.ts';

/** Webhooks: signed messages to a URL of the organization's choice. Their form is in docs/webhooks.md. */

const tag = 'webhooks';
const byId = z.strictObject({ id });

/** The name of an event, or the names that begin like it: `request.approved`, `request.*`, `*`. */
export const eventPattern = z
  .string()
  .max(60)
  .regex(/^(?:\*|[a-z_]+\.\*|[a-z_]+\.[a-z_]+)$/, 'an event as request.approved, request.* or *');

/** Where it goes. Whether the address may be called is decided at every attempt. */
const target = z.url({ protocol: /^https?$/ }).max(1_000);

const view = z.object({
  id,
  name: z.string(),
  url: z.string(),
  events: z.array(z.string()),
  enabled: z.boolean(),
  createdAt: timestamp,
});

export const deliveryState = z.enum(['pending', 'delivered', 'failed']);

const delivery = z.object({
  id,
  event: z.object({ id, type: z.string(), at: timestamp }),
  state: deliveryState,
  createdAt: timestamp,
  /** The next attempt of a pending one. */
  nextAttemptAt: timestamp.nullable(),
  attempts: z.array(
    z.object({
      at: timestamp,
      tookMs: z.number(),
      /** HTTP status of the answer; null when there was none. */
      status: z.number().int().nullable(),
      /** Why there was none, or why it did not count: a word, never the receiver's text. */
      failure: z.string().nullable(),
    }),
  ),
});

export const webhookRoutes = {
  listWebhooks: route({
    method: 'GET',
    path: '/api/v1/webhooks',
    summary: 'The organization’s webhooks.',
    tag,
    status: 200,
    response: z.object({ items: z.array(view) }),
  }),
  createWebhook: route({
    method: 'POST',
    path: '/api/v1/webhooks',
    summary: 'Add a webhook. The answer holds the secret of its signatures, shown once.',
    tag,
    body: z.strictObject({
      name: label,
      url: target,
      events: z.array(eventPattern).min(1).max(50).default(['*']),
    }),
    status: 201,
    response: z.object({ webhook: view, secret: z.string() }),
  }),
  updateWebhook: route({
    method: 'PATCH',
    path: '/api/v1/webhooks/:id',
    summary: 'Change a webhook, or switch it off and on. Its secret stays.',
    tag,
    params: byId,
    body: z.strictObject({
      name: label.optional(),
      url: target.optional(),
      events: z.array(eventPattern).min(1).max(50).optional(),
      enabled: z.boolean().optional(),
    }),
    status: 200,
    response: view,
  }),
  deleteWebhook: route({
    method: 'DELETE',
    path: '/api/v1/webhooks/:id',
    summary: 'Remove a webhook with its deliveries.',
    tag,
    params: byId,
    status: 204,
    response: nothing,
  }),
  rotateWebhookSecret: route({
    method: 'POST',
    path: '/api/v1/webhooks/:id/secret',
    summary: 'A new secret, shown once. For a day signatures are made with the old one too.',
    tag,
    params: byId,
    status: 200,
    response: z.object({ secret: z.string() }),
  }),
  testWebhook: route({
    method: 'POST',
    path: '/api/v1/webhooks/:id/test',
    summary: 'Send the event webhook.test to it.',
    tag,
    params: byId,
    status: 201,
    response: delivery,
  }),
  listWebhookDeliveries: route({
    method: 'GET',
    path: '/api/v1/webhooks/:id/deliveries',
    summary: 'What was sent and how it went, newest first; kept for 30 days.',
    tag,
    params: byId,
    query: pageQuery.extend({ state: deliveryState.optional() }),
    status: 200,
    response: pageOf(delivery),
  }),
  redeliverWebhook: route({
    method: 'POST',
    path: '/api/v1/webhooks/:id/deliveries/:delivery/redeliver',
    summary: 'Send the same event once more, as a new delivery.',
    tag,
    params: z.strictObject({ id, delivery: id }),
    status: 201,
    response: delivery,
  }),
} as const;
