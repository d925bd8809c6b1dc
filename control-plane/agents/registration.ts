import { randomUUID } from 'node:crypto';
import { chainGenesis } from '@daam/shared/audit/chain';
import { asId, type OrgId } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import { recordActivity } from '../audit/activity.ts';
import { type Agent, AgentEntity } from '../db/entities/agent.ts';
import { DatabaseEntity } from '../db/entities/database.ts';
import { OrganizationEntity } from '../db/entities/organization.ts';
import { query } from '../db/query.ts';
import { changeOrganization, type Scope, systemScope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import { createToken, hashToken, isTokenOf } from '../identity/tokens.ts';
import type { Services } from '../services.ts';
import { revokeAgentRow } from './revoke-agent.ts';
import { allServingAgents } from './choose-agent.ts';

/** A registration token is valid this long, in milliseconds. */
const registrationMs = 24 * 3_600_000;

/** Agents that serve one database at a time. */
const maxAgents = 8;

/** Makes a one-time token for a database's agent; an unused older one stops working. */
export async function issueRegistrationToken(
  scope: Scope,
  { database, adds, now }: { readonly database: string; readonly adds: boolean; readonly now: number },
): Promise<{ text: string; expiresAt: Date }> {
  await query(scope.em, "delete from agents where org_id = ? and database_id = ? and state = 'pending'", [
    scope.org,
    database,
  ]);
  const { token, hash } = createToken('registration');
  const expiresAt = new Date(now + registrationMs);
  scope.em.create(AgentEntity, {
    id: randomUUID(),
    orgId: scope.org,
    databaseId: database,
    state: 'pending',
    registrationHash: hash,
    registrationExpiresAt: expiresAt,
    credentialHash: null,
    version: null,
    listenHost: null,
    listenPort: null,
    tunnelKey: null,
    tunnelCandidates: [],
    appliedEpoch: 0,
    appliedSessions: null,
    lastSeenAt: null,
    adds,
    health: null,
    healthAt: null,
    feedId: null,
    auditSeq: chainGenesis.seq,
    auditHash: chainGenesis.hash,
    createdAt: new Date(now),
    revokedAt: null,
  });
  await scope.em.flush();
  return { text: token.reveal(), expiresAt };
}

/**
 * Exchanges a one-time token for a credential. Unknown, used, expired and malformed tokens get one and the
 * same answer. Agents that served the database before are revoked, unless the token was made to add one.
 */
export function registrationHandlers(services: Services): Handlers<'registerAgent'> {
  return {
    registerAgent: async ({ body }) => {
      const org = await organizationOf(services, body.token);
      return await changeOrganization(services.store, org, async (scope) => {
        const agent = await useToken(scope, body.token, services.clock.now());
        return await register(services, scope, { agent, version: body.version });
      });
    },
  };
}

async function organizationOf({ store }: Services, token: string): Promise<OrgId> {
  if (!isTokenOf('registration', token)) throw refused();
  const [row] = await query<{ org_id: string }[]>(
    systemScope(store, 'register-agent'),
    'select org_id from agents where registration_hash = ?',
    [hashToken(token)],
  );
  if (row === undefined) throw refused();
  return asId<OrgId>(row.org_id);
}

/** Under the organization's lock, so that of two that use it at once one finds it used. */
async function useToken(scope: Scope, token: string, now: number): Promise<Agent> {
  const agent = await scope.em.findOne(AgentEntity, { registrationHash: hashToken(token), state: 'pending' });
  if (
    agent === null ||
    agent.registrationExpiresAt === null ||
    agent.registrationExpiresAt.getTime() <= now
  ) {
    throw refused();
  }
  agent.registrationHash = null;
  agent.registrationExpiresAt = null;
  return agent;
}

async function register(
  { clock, signer }: Services,
  scope: Scope,
  { agent, version }: { readonly agent: Agent; readonly version: string },
) {
  const now = clock.now();
  const before = (await allServingAgents(scope, [agent.databaseId])).get(agent.databaseId) ?? [];
  const replaced = agent.adds ? [] : before;
  if (before.length - replaced.length >= maxAgents) throw tooMany();
  for (const former of replaced) await revokeAgentRow(scope, former, now);
  const { token: credential, hash } = createToken('agent');
  agent.credentialHash = hash;
  agent.state = 'registered';
  agent.version = version;
  agent.lastSeenAt = new Date(now);
  await scope.em.flush();
  const database = await scope.em.findOneOrFail(DatabaseEntity, { id: agent.databaseId, deletedAt: null });
  const organization = await scope.em.findOneOrFail(OrganizationEntity, { id: scope.org });
  await recordActivity(scope, now, {
    action: 'agent.registered',
    actor: { kind: 'agent', id: agent.id, label: database.name },
    target: { kind: 'database', id: database.id, label: database.name },
    detail: { replaced: replaced.map(({ id }) => id), adds: agent.adds },
    after: { agent: agent.id, state: agent.state, version },
  });
  return {
    agentId: agent.id,
    credential: credential.reveal(),
    database: { id: database.id, name: database.name },
    org: { id: organization.id, name: organization.name },
    orgKeys: await signer.publicKeys(scope),
  };
}

function refused(): AppError {
  return new AppError('UNAUTHENTICATED', {
    message: 'The registration token is not valid.',
    hint: 'A token works once, for 24 hours. Ask an administrator for a new one.',
  });
}

function tooMany(): AppError {
  return new AppError('CONFLICT', {
    message: `The database has ${maxAgents} agents already.`,
    hint: 'Revoke one of them first, or take a token that replaces them.',
  });
}
