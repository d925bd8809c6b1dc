/**
 * Work that belongs to no organization, or to several: who is behind a token, what the clock has due, what goes out.
 * Everything else runs in the scope of one organization (db/scope.ts). Row-level security gives each of these scopes
 * the rows of all organizations, in the tables and for the commands that stand here, and nothing else
 * (db/row-security.ts). A review of what may cross the line between organizations reads this file.
 *
 * - authenticate: finds the person, device, browser or agent behind a secret by its hash, and notes its use.
 * - sign-in: the steps of a sign-in, in which the organization is found out by the passkey or by a one-time code.
 * - register-agent: finds the organization of a one-time registration token.
 * - operator: commands of whoever runs the control plane (bootstrap, invite), before an organization is known.
 * - sign-up: whether another organization may be made, and whether its name is free; anybody may ask for that.
 * - schedule: finds the access requests whose time has come; each step is then taken in its organization's scope.
 * - webhooks: the outbox: claims a delivery, notes the attempt, clears away what is old.
 * - mail: the queue of messages: claims some with the addresses they go to, notes how it went, clears away what is old.
 * - rotate-keys: the command that seals secrets with another master key.
 * - maintenance: the list of organizations, and which of them purge.
 */
type Command = 'select' | 'insert' | 'update' | 'delete';

export const systemScopes = {
  authenticate: {
    users: ['select'],
    api_tokens: ['select', 'update'],
    access_tokens: ['select', 'update'],
    service_accounts: ['select'],
    service_tokens: ['select', 'update'],
    devices: ['select', 'update'],
    web_sessions: ['select', 'update'],
    passkeys: ['select'],
    agents: ['select'],
  },
  'sign-in': {
    organizations: ['select'],
    users: ['select'],
    passkeys: ['select', 'update'],
    one_time_codes: ['select', 'insert', 'update', 'delete'],
    access_tokens: ['select', 'update'],
    web_sessions: ['select', 'update'],
  },
  'register-agent': { agents: ['select'] },
  operator: { organizations: ['select'], users: ['select'] },
  'sign-up': { organizations: ['select'] },
  schedule: { access_requests: ['select'] },
  webhooks: {
    webhooks: ['select'],
    webhook_events: ['select', 'delete'],
    webhook_deliveries: ['select', 'update'],
    webhook_attempts: ['insert'],
  },
  mail: { mail_messages: ['select', 'update', 'delete'], users: ['select'] },
  'rotate-keys': {
    org_keys: ['select', 'update'],
    pseudonym_keys: ['select', 'update'],
    webhooks: ['select', 'update'],
  },
  maintenance: { organizations: ['select'], audit_retention: ['select'] },
} as const satisfies Readonly<Record<string, Readonly<Record<string, readonly Command[]>>>>;

export type SystemScope = keyof typeof systemScopes;

export const commands: readonly Command[] = ['select', 'insert', 'update', 'delete'];

/** The scopes that may do this in this table with the rows of every organization. */
export function scopesFor(table: string, command: Command): readonly SystemScope[] {
  const names = Object.keys(systemScopes) as SystemScope[];
  return names.filter((name) => {
    const tables: Readonly<Record<string, readonly Command[]>> = systemScopes[name];
    return tables[table]?.includes(command) === true;
  });
}
