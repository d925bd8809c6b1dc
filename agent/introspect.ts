import type { DoctorReport } from '@daam/shared/api/doctor';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import type { Catalog } from '@daam/shared/sql/catalog';
import { vouchable } from '@daam/shared/sql/vouched';
import type { AgentConfig } from './config.ts';
import { readBundleCache } from './control/bundle-cache.ts';
import { readCredential } from './control/registration.ts';
import { countFindings, examine } from './doctor/doctor.ts';
import { reportText } from './doctor/report-text.ts';
import { loadCatalog } from './enforce/catalog-loader.ts';
import { openAdminClient } from './upstream/admin-client.ts';

/**
 * `daam-agent introspect`: the tables as the agent sees them, and what the doctor finds, against the policies that the
 * agent has cached. It reads catalogues and files, and changes nothing. Resolves with the exit code: 1 when something
 * critical was found.
 */
export async function introspect(
  config: AgentConfig,
  { json, print }: { readonly json: boolean; readonly print: (text: string) => void },
): Promise<number> {
  const known = await cachedPolicies(config);
  const client = await openAdminClient(config.upstream, 'daam-agent introspect');
  try {
    const catalog = await loadCatalog(client);
    const { scope } = config.upstream;
    const doctor = await examine({ client, catalog, scope, ...known, now: Date.now() });
    print(
      json
        ? `${JSON.stringify({ ...schemaOf(catalog), doctor })}\n`
        : `${schemaText(catalog)}\n${reportText(doctor)}`,
    );
    return exitCode(doctor);
  } finally {
    await client.end();
  }
}

function exitCode(report: DoctorReport): number {
  return countFindings(report).critical > 0 ? 1 : 0;
}

/** As the agent would start without the control plane; nothing is known before its registration. */
async function cachedPolicies({ controlPlane }: AgentConfig): Promise<{
  readonly policies: readonly EffectivePolicy[] | null;
  readonly policyEpoch: number | null;
  readonly agentId: string | null;
}> {
  const held = await readCredential(controlPlane.credentialPath);
  if (held === null) return { policies: null, policyEpoch: null, agentId: null };
  const { identity, orgKeys, epoch } = held;
  const { bundle } = await readBundleCache(controlPlane.policyCachePath, {
    keys: orgKeys,
    audience: { org: identity.org.id, database: identity.database.id, agent: identity.agentId },
    epoch,
    now: Date.now(),
  });
  return {
    policies: bundle?.policies ?? null,
    policyEpoch: bundle?.epoch ?? null,
    agentId: identity.agentId,
  };
}

const kinds = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
  S: 'sequence',
} as const;

function schemaOf(catalog: Catalog) {
  const relations = [...catalog.relations.values()].filter(({ system, kind }) => !system && kind !== 'S');
  return {
    database: catalog.database,
    major: catalog.major,
    searchPath: catalog.defaultSearchPath,
    relations: relations.map(({ schema, name, kind, columns, userTriggers, rowSecurity, untraceable }) => ({
      schema,
      name,
      kind: kinds[kind],
      columns: columns.map((column) => ({ name: column.name, type: column.typeName })),
      triggers: userTriggers,
      rowSecurity,
      ...(untraceable === null ? {} : { untraceable }),
    })),
    // What "daam vouch add" takes.
    code: vouchable(catalog),
  };
}

function schemaText(catalog: Catalog): string {
  const { database, major, searchPath, relations } = schemaOf(catalog);
  const lines = relations.map(
    ({ schema, name, kind, columns }) =>
      `  ${schema}.${name}  ${kind}: ${columns.map((column) => column.name).join(', ')}`,
  );
  const title = `${database}, PostgreSQL ${major}, search path ${searchPath.join(', ') || '(empty)'}`;
  return `${[title, ...lines].map((line) => line.replaceAll(/\p{Cc}/gu, '?')).join('\n')}\n`;
}
