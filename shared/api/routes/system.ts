import { z } from 'zod';
import { route } from '../route.ts';

/** Health and documentation; no authentication. */

const tag = 'system';

export const systemRoutes = {
  getHealth: route({
    method: 'GET',
    path: '/health',
    summary: 'The process is alive.',
    tag,
    status: 200,
    response: z.object({ status: z.literal('healthy') }),
  }),
  getReady: route({
    method: 'GET',
    path: '/ready',
    summary: 'The process can serve: its database answers.',
    tag,
    status: 200,
    response: z.object({ status: z.literal('ready') }),
  }),
  getHome: route({
    method: 'GET',
    path: '/',
    summary: 'A page for people: what this is and where its description lies.',
    tag,
    status: 200,
    response: z.string(),
    mediaType: 'text/html',
  }),
  getOpenApi: route({
    method: 'GET',
    path: '/api/v1/openapi.json',
    summary: 'This description.',
    tag,
    status: 200,
    response: z.record(z.string(), z.unknown()),
  }),
} as const;
