import { z } from 'zod';
import { endReason } from '../end-session.ts';
import { route } from '../route.ts';
import { id, timestamp } from '../schemas.ts';

/** Sessions that are open now. What they did is in the audit. */
export const sessionRoutes = {
  endDatabaseSession: route({
    method: 'POST',
    path: '/api/v1/sessions/:session/end',
    summary: 'End one open session. Its client is told the reason; answered when nothing of it is left.',
    tag: 'sessions',
    params: z.object({ session: id }),
    body: z.strictObject({ reason: endReason }),
    status: 200,
    response: z.object({ session: id, endedAt: timestamp, tookMs: z.number().min(0) }),
  }),
} as const;
