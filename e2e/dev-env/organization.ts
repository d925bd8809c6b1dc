/** What an administrator does in the control plane so that a developer can work: people, database, policy, tokens. */
import type { ApiClient } from '@daam/shared/api/client';
import type { Logger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import type { StartPolicy } from './policy-file.ts';
import type { StateDir } from './state-dir.ts';

/** A person who gets a local port. */
export interface DevUser {
  readonly email: string;
  readonly apiToken: Secret;
}

/** What is there after the set-up. */
export interface Organization {
  /** Name under which the database is registered: the policy's. */
  readonly database: string;
  readonly users: readonly DevUser[];
  /** The one-time token of the agent; null when the agent has its credential already. */
  readonly agentToken: Secret | null;
}

/** What the set-up works with. */
export interface OrganizationOptions {
  readonly admin: ApiClient;
  readonly policy: StartPolicy;
  /** Name of the PostgreSQL database behind the agent. */
  readonly databaseName: string;
  readonly isAgentRegistered: boolean;
  readonly state: StateDir;
  readonly logger: Logger;
}

/** Brings the organization to what the policy file says. What exists already is kept. */
export async function setUpOrganization(options: OrganizationOptions): Promise<Organization> {
  const { admin, policy, logger } = options;
  const users = await setUpUsers(options);
  await setUpGroups(options);
  const database = policy.document.database;
  const agentToken = await setUpDatabase(options);
  const { epoch } = await admin.publishPolicies({ params: { database }, body: { text: policy.text } });
  logger.info({ database, epoch, users: users.length }, 'policy is in force');
  return { database, users, agentToken };
}

async function setUpUsers({ admin, policy, state }: OrganizationOptions): Promise<DevUser[]> {
  const known = new Map(
    (await admin.listUsers({ query: { limit: 500 } })).items.map(({ email, id }) => [email, id]),
  );
  const users: DevUser[] = [];
  for (const email of policy.users) {
    const id = known.get(email) ?? (await admin.createUser({ body: { email } })).id;
    const name = `api-token-${encodeURIComponent(email)}`;
    const kept = known.has(email) ? await state.readSecret(name) : null;
    const apiToken = kept ?? (await makeToken(admin, id));
    if (kept === null) await state.keepSecret(name, apiToken);
    users.push({ email, apiToken });
  }
  return users;
}

async function makeToken(admin: ApiClient, user: string): Promise<Secret> {
  return new Secret((await admin.createApiToken({ body: { name: 'development system', user } })).token);
}

async function setUpGroups({ admin, policy }: OrganizationOptions): Promise<void> {
  const known = new Set((await admin.listGroups()).items.map(({ name }) => name));
  for (const name of policy.groups) if (!known.has(name)) await admin.createGroup({ body: { name } });
}

async function setUpDatabase(options: OrganizationOptions): Promise<Secret | null> {
  const { admin, policy, databaseName, isAgentRegistered } = options;
  const name = policy.document.database;
  const { items } = await admin.listDatabases();
  const existing = items.find((database) => database.name === name);
  if (existing === undefined) {
    const body = { name, databaseName, environment: 'development' as const };
    return new Secret((await admin.createDatabase({ body })).agentToken);
  }
  if (isAgentRegistered) return null;
  return new Secret((await admin.issueAgentToken({ params: { database: name } })).agentToken);
}

/** Where the administrator makes a passkey, to sign in to the console; null when there is one. */
export async function inviteAdministrator(admin: ApiClient): Promise<string | null> {
  const { items } = await admin.listPasskeys();
  if (items.some(({ revokedAt }) => revokedAt === null)) return null;
  const { id } = await admin.getMe();
  return (await admin.inviteUser({ params: { id } })).url;
}
