import { z } from 'zod';
import {
  driftFinding,
  myTable,
  placedSuggestion,
  schemaChange,
  schemaTable,
  schemaVersion,
} from '../database-schema.ts';
import { doctorReport } from '../doctor.ts';
import { explanation, maxExplainedSql } from '../explain.ts';
import { route } from '../route.ts';
import {
  agentAddress,
  databaseRef,
  email,
  id,
  key32,
  label,
  nothing,
  relayTicket,
  slug,
  timestamp,
  tunnelTarget,
} from '../schemas.ts';
import { agentCondition, agentState, appliedView, installCommands } from './agents.ts';

/** Registered databases: what a developer sees of them, and how an administrator registers them. */

const tag = 'databases';

export const environment = z.enum(['production', 'staging', 'development']);

/** A database as a developer sees it; `state` is about its agent. */
export const myDatabase = z.object({
  id,
  name: z.string(),
  /** The name of the PostgreSQL database behind it. */
  databaseName: z.string(),
  environment,
  state: z.enum(['online', 'offline', 'unregistered']),
  policies: z.array(z.string()),
  agent: agentAddress.extend({ id }).nullable(),
  epoch: z.number().int(),
});
export type MyDatabase = z.infer<typeof myDatabase>;

/** What members see of a database that they have no access to. Nothing of what is in it, nor where it is. */
export const discoverableDatabase = z.object({
  id,
  name: z.string(),
  environment,
  ownerWords: z.string(),
  /** Minutes that an answer usually takes; null: too few were given to say. */
  usualMinutes: z.number().nullable(),
});
export type DiscoverableDatabase = z.infer<typeof discoverableDatabase>;

export const databaseView = z.object({
  id,
  name: z.string(),
  databaseName: z.string(),
  environment,
  description: z.string(),
  elevation: z.boolean(),
  /** Grants need a sign-in that is no older, in minutes; null: any valid certificate. */
  stepUpMinutes: z.number().int().nullable().default(null),
  /** Members without access see its name, environment and `ownerWords`, and may ask for it. */
  discoverable: z.boolean().default(false),
  ownerWords: z.string().default(''),
  epoch: z.number().int(),
  agent: z
    .object({
      id,
      state: agentState,
      listen: agentAddress.nullable(),
      appliedEpoch: z.number().int(),
      applied: appliedView,
    })
    .nullable(),
  /** Every agent that serves it; `agent` is the one that grants name now. */
  agents: z.array(z.object({ id, condition: agentCondition })).default([]),
  /** The last report of its schema; null: none came yet. */
  schema: z
    .object({ version: z.number().int(), at: timestamp, confirmedAt: timestamp, tables: z.number().int() })
    .nullable()
    .default(null),
  createdAt: timestamp,
});

const named = z.object({ id, name: z.string() });

const description = z.string().max(500);

export const databaseRoutes = {
  listMyDatabases: route({
    method: 'GET',
    path: '/api/v1/databases',
    summary: 'The databases that a policy gives me access to.',
    tag,
    status: 200,
    response: z.object({ items: z.array(myDatabase) }),
  }),
  listDiscoverableDatabases: route({
    method: 'GET',
    path: '/api/v1/discoverable-databases',
    summary:
      'Databases that I have no access to and may ask for, as far as an administrator shows them: name, environment, the owner’s words.',
    tag,
    status: 200,
    response: z.object({ items: z.array(discoverableDatabase) }),
  }),
  issueGrant: route({
    method: 'POST',
    path: '/api/v1/databases/:database/grant',
    summary: 'A short grant that binds a device certificate to a database and its agent.',
    tag,
    params: z.strictObject({ database: databaseRef }),
    /** SHA-256 of the certificate's compact text; and the device that asks for a relay ticket. */
    body: z.strictObject({ certificateHash: key32, device: id.optional() }),
    status: 201,
    response: z.object({
      grant: z.string(),
      expiresAt: timestamp,
      agent: agentAddress.extend({ id }).nullable(),
      /** The way through the tunnel; null when the database's agent has none up. */
      tunnel: tunnelTarget.nullable(),
      /** For this device and that agent; null without a tunnel or a relay. */
      relay: relayTicket.nullable(),
    }),
  }),
  getDoctorReport: route({
    method: 'GET',
    path: '/api/v1/databases/:database/doctor',
    summary:
      'What the agent’s doctor found last on the database, with the SQL that mends it; null: nothing came yet.',
    tag,
    params: z.strictObject({ database: databaseRef }),
    status: 200,
    response: z.object({
      database: named,
      received: z.object({ at: timestamp, agent: id, report: doctorReport }).nullable(),
    }),
  }),
  refreshDoctorReport: route({
    method: 'POST',
    path: '/api/v1/databases/:database/doctor/refresh',
    summary: 'Have the agent look at the database now; its report comes within seconds.',
    tag,
    params: z.strictObject({ database: databaseRef }),
    status: 204,
    response: nothing,
  }),
  getMySchema: route({
    method: 'GET',
    path: '/api/v1/databases/:database/my-schema',
    summary:
      'The tables and columns that I may use, with operations and masks. `isKnown` false: no schema was reported yet.',
    tag,
    params: z.strictObject({ database: databaseRef }),
    status: 200,
    response: z.object({
      database: named,
      isKnown: z.boolean(),
      /** Of the schema, and of the policies that it was resolved with. */
      version: z.number().int().nullable(),
      epoch: z.number().int(),
      searchPath: z.array(z.string()),
      tables: z.array(myTable),
    }),
  }),
  getSchema: route({
    method: 'GET',
    path: '/api/v1/databases/:database/schema',
    summary: 'The schema as an agent reported it, now or in an older version; null: nothing came yet.',
    tag,
    params: z.strictObject({ database: databaseRef }),
    query: z.strictObject({ version: z.coerce.number().int().min(1).optional() }),
    status: 200,
    response: z.object({
      database: named,
      /** Newest first; the last ones are kept. */
      versions: z.array(schemaVersion),
      received: z
        .object({
          version: schemaVersion,
          scope: z.array(z.string()).nullable(),
          searchPath: z.array(z.string()),
          tables: z.array(schemaTable),
          /** Against the version before, where that is kept. */
          changes: z.array(schemaChange).nullable(),
        })
        .nullable(),
    }),
  }),
  refreshSchema: route({
    method: 'POST',
    path: '/api/v1/databases/:database/schema/refresh',
    summary: 'Have an agent read the schema anew; its report comes within seconds.',
    tag,
    params: z.strictObject({ database: databaseRef }),
    status: 204,
    response: nothing,
  }),
  getDrift: route({
    method: 'GET',
    path: '/api/v1/databases/:database/drift',
    summary:
      'Where policies and database do not fit: rules that name nothing, new tables and columns that rules reach.',
    tag,
    params: z.strictObject({ database: databaseRef }),
    status: 200,
    response: z.object({
      database: named,
      /** The version that was looked at; null: nothing was reported yet. */
      version: schemaVersion.nullable(),
      /** The most severe first; at most 500. */
      items: z.array(driftFinding),
      omitted: z.number().int(),
    }),
  }),
  listMaskSuggestions: route({
    method: 'GET',
    path: '/api/v1/databases/:database/suggestions',
    summary: 'Columns that look as if they should be masked, with the reason, and which policies show them.',
    tag,
    params: z.strictObject({ database: databaseRef }),
    status: 200,
    response: z.object({
      database: named,
      version: schemaVersion.nullable(),
      /** Exposed ones first, then by confidence; at most 2000. */
      items: z.array(placedSuggestion),
      omitted: z.number().int(),
    }),
  }),
  explainStatement: route({
    method: 'POST',
    path: '/api/v1/databases/:database/explain',
    summary:
      'What would happen to a statement: verdict, tables, masks, the rule that refuses. Nothing is run.',
    tag,
    params: z.strictObject({ database: databaseRef }),
    body: z.strictObject({
      sql: z.string().min(1).max(maxExplainedSql),
      /** As another person, by e-mail or id; for administrators. */
      as: z.union([id, email]).optional(),
    }),
    status: 200,
    response: z.object({
      database: named,
      user: z.object({ id, email: z.string() }),
      explanation,
    }),
  }),
  listDatabases: route({
    method: 'GET',
    path: '/api/v1/organization/databases',
    summary: 'All databases of the organization.',
    tag,
    status: 200,
    response: z.object({ items: z.array(databaseView) }),
  }),
  createDatabase: route({
    method: 'POST',
    path: '/api/v1/databases',
    summary: 'Register a database. The answer holds the one-time token of its agent, shown once.',
    tag,
    body: z.strictObject({
      name: slug,
      databaseName: z
        .string()
        .min(1)
        .max(63)
        .regex(/^[^\p{Cc}]*$/u, 'no control characters'),
      environment: environment.default('production'),
      description: description.default(''),
    }),
    status: 201,
    response: z.object({
      database: databaseView,
      agentToken: z.string(),
      expiresAt: timestamp,
      commands: installCommands,
    }),
  }),
  updateDatabase: route({
    method: 'PATCH',
    path: '/api/v1/databases/:database',
    summary:
      'Change a database’s description, environment, who may see that it exists, or whether masks may be computed by elevation.',
    tag,
    params: z.strictObject({ database: databaseRef }),
    body: z.strictObject({
      environment: environment.optional(),
      description: description.optional(),
      elevation: z.boolean().optional(),
      /** Grants need a sign-in that is no older, in minutes; null: any valid certificate. */
      stepUpMinutes: z.number().int().min(1).max(720).nullable().optional(),
      /** Whether members without access see its name, environment and `ownerWords`, and may ask for it. */
      discoverable: z.boolean().optional(),
      ownerWords: z.string().max(200).optional(),
    }),
    status: 200,
    response: databaseView,
  }),
  deleteDatabase: route({
    method: 'DELETE',
    path: '/api/v1/databases/:database',
    summary: 'Remove a database with its policies; its agent is revoked. Its audit records stay.',
    tag,
    params: z.strictObject({ database: databaseRef }),
    query: z.strictObject({ confirm: label }),
    status: 204,
    response: nothing,
  }),
} as const;
