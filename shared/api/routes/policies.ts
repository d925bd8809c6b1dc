import { z } from 'zod';
import { route } from '../route.ts';
import { databaseRef, id, pageOf, pageQuery, timestamp } from '../schemas.ts';

/** Policies as one document for each database (shared/policy/document.ts). */

const tag = 'policies';

const params = z.strictObject({ database: databaseRef });

/** The policy document as it travels; shared/policy/document.ts checks it and names the path of what is wrong. */
export const policyDocument = z.record(z.string(), z.unknown()).meta({
  description:
    'Policy document: { database, policies: [{ name, grants, masks, rowFilters, limits, assign }] }',
});

export const policyState = z.object({
  database: z.object({ id, name: z.string() }),
  epoch: z.number().int(),
  policies: z.array(z.object({ id, name: z.string(), version: z.number().int() })),
  document: policyDocument,
});

export const policyRoutes = {
  getPolicies: route({
    method: 'GET',
    path: '/api/v1/databases/:database/policies',
    summary: 'The policy document in force.',
    tag,
    params,
    status: 200,
    response: policyState,
  }),
  putPolicies: route({
    method: 'PUT',
    path: '/api/v1/databases/:database/policies',
    summary: 'Replace the whole policy document. Each policy that changed gets a new version.',
    tag,
    params,
    query: z.strictObject({
      /** Refuse with CONFLICT unless the database is still at this epoch. */
      expectEpoch: z.coerce.number().int().min(0).optional(),
    }),
    body: policyDocument,
    status: 200,
    response: policyState,
  }),
  listPolicyVersions: route({
    method: 'GET',
    path: '/api/v1/databases/:database/policies/versions',
    summary: 'Every version of every policy of the database, newest first.',
    tag,
    params,
    query: pageQuery,
    status: 200,
    response: pageOf(
      z.object({
        policy: z.object({ id, name: z.string() }),
        version: z.number().int(),
        document: policyDocument,
        author: z.object({ id, email: z.string() }).nullable(),
        createdAt: timestamp,
      }),
    ),
  }),
} as const;
