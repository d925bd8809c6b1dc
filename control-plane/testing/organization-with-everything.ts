import { chainGenesis, sealRecord } from '@daam/shared/audit/chain';
import type { Client } from 'pg';
import type { ContractName } from '../http/contracts.ts';
import { browserOf, contractOf, paramsOf } from './every-route.ts';
import { samplesOf } from './sample-of.ts';
import { addDatabase, addUser, bootstrapOrg, documentFor, type TestControlPlane } from './start.ts';

/**
 * An organization that has one of everything, all of it with the same word in its name, and what stands for its things
 * in paths and bodies: for tests that call every route. The database's name is `<word>-shop`.
 */
export async function organizationWithEverything(plane: TestControlPlane, word: string) {
  const { admin, adminToken, orgId } = await bootstrapOrg(plane, word);
  const email = `dev@${word}.example`;
  const database = `${word}-shop`;
  const user = await addUser(plane, admin, email);
  const group = await admin.createGroup({ body: { name: `${word} team` } });
  await admin.addGroupMember({ params: { id: group.id, user: user.id } });
  const agent = await addDatabase(plane, admin, database);
  const document = documentFor(database, { users: [email], groups: [`${word} team`] });
  await admin.putPolicies({ params: { database }, body: document });
  const device = { name: `${word} laptop`, os: 'linux', wgKey: `${'F'.repeat(42)}A` };
  await admin.putPolicyDraft({
    params: { database },
    body: { edition: 0, text: `# ${word}\ndatabase: ${database}\npolicies: []\n` },
  });
  await admin.proposePolicies({ params: { database }, body: { edition: 1, comment: `${word} comment` } });
  await user.client.registerDevice({ body: device });
  const scopes = ['audit:read'] as const;
  await admin.createServiceAccount({ body: { name: `${word}-robot`, scopes: [...scopes] } });
  const { webhook } = await admin.createWebhook({
    body: { name: `${word} hook`, url: `https://${word}.example/`, events: ['*'] },
  });
  await admin.testWebhook({ params: { id: webhook.id } });
  await user.client.createRequest({ body: { database, policy: 'reader', reason: `${word} reason` } });
  const event = { kind: 'statement', session: 's', text: `select ${word}`, user: user.id };
  const { text } = sealRecord({ stream: agent.agentId, head: chainGenesis }, Date.now(), event);
  await agent.client.appendAudit({ body: { records: [JSON.parse(text) as Record<string, unknown>] } });
  const cookie = await browserOf(plane, email);
  return { orgId, admin, adminToken, user, agent, cookie, database, document };
}

/** One id of each table in which the organization has rows. */
export async function idsOf(superuser: Client, org: string): Promise<Record<string, string>> {
  const { rows } = await superuser.query<{ name: string }>(
    `select table_name as name from information_schema.columns
      where table_schema = current_schema() and column_name = 'id' and data_type = 'uuid'
        and table_name not in ('organizations') order by 1`,
  );
  const found: Record<string, string> = { organizations: org };
  for (const { name } of rows) {
    const { rows: first } = await superuser.query<{ id: string }>(
      `select id from ${name} where org_id = $1 order by 1 desc limit 1`,
      [org],
    );
    if (first[0] !== undefined) found[name] = first[0].id;
  }
  const kinds = await superuser.query<{ id: string; kind: string }>(
    `select id, kind from users where org_id = $1 and email like 'dev@%'
     union all select user_id, 'service' from service_accounts where org_id = $1 and removed_at is null`,
    [org],
  );
  const idOf = (kind: string): string => kinds.rows.find((row) => row.kind === kind)?.id ?? '';
  return { ...found, users: idOf('person'), service_accounts: idOf('service') };
}

/** What stands before or for a parameter, and whose id it is. */
const tablesOfParts: Readonly<Record<string, string>> = {
  'api-tokens': 'api_tokens',
  'service-accounts': 'service_accounts',
  tokens: 'service_tokens',
  requests: 'access_requests',
  deliveries: 'webhook_deliveries',
  members: 'users',
  assignments: 'policies',
  proposals: 'policy_proposals',
};

/** The values of a path's parameters: those of the organization's own things. */
export function rightParams(
  path: string,
  { ids, database }: { readonly ids: Readonly<Record<string, string>>; readonly database: string },
): Record<string, string> {
  const parts = path.split('/');
  const entries = paramsOf(path).map((name) => {
    if (name === 'revision' || name === 'version') return [name, '1'];
    if (name === 'table') return [name, 'public.customers'];
    if (name === 'database') return [name, database];
    const before = parts[parts.indexOf(`:${name}`) - 1] ?? '';
    return [name, ids[tablesOfParts[before] ?? before.replaceAll('-', '_')] ?? ids['users'] ?? ''];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Bodies of a route that get past parsing, with the organization's ids in them; `undefined` where it takes none. */
export function bodiesFor(name: ContractName, ids: Readonly<Record<string, string>>): readonly unknown[] {
  const { body } = contractOf(name);
  return body === undefined ? [undefined] : samplesOf(body, { uuidFor: idFor(ids) });
}

/** Queries of a route, as texts; an empty one where it takes none. */
export function queriesFor(
  name: ContractName,
  ids: Readonly<Record<string, string>>,
): readonly Record<string, string>[] {
  const { query } = contractOf(name);
  if (query === undefined) return [{}];
  const samples = samplesOf(query, { uuidFor: idFor(ids) }) as readonly Record<string, unknown>[];
  const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
  return samples.map((one) =>
    Object.fromEntries(Object.entries(one).map(([key, value]) => [key, text(value)])),
  );
}

function idFor(ids: Readonly<Record<string, string>>): (property: string) => string {
  const plural: Readonly<Record<string, string>> = { policy: 'policies', proposal: 'policy_proposals' };
  return (property) => ids[plural[property] ?? `${property}s`] ?? ids['users'] ?? '';
}
