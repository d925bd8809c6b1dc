/**
 * The doctor (enforcement.md 7): looks for what on the server weakens the promises, or makes tables unusable, and says
 * which SQL mends it. It changes nothing. `daam-agent introspect` prints the report; the agent also sends it to the
 * control plane. A check is an entry of one of the lists beside this file; what it cannot look at, it says.
 */
import {
  type DoctorFinding,
  type DoctorReport,
  maxFindings,
  maxReportBytes,
  severities,
} from '@daam/shared/api/doctor';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { formatPattern } from '@daam/shared/policy/pattern';
import type { Catalog } from '@daam/shared/sql/catalog';
import { closeMasks } from '@daam/shared/sql/mask-closure';
import { type AccessWarning, resolveAccessWithWarnings } from '@daam/shared/sql/resolve-access';
import type { QueryClient } from '../enforce/catalog-loader.ts';
import { type Scope, withinScope } from '../enforce/scope.ts';
import { cell, type PolicyFacts, type ServerCheck, type ServerFacts, toFinding } from './check.ts';
import { detailQueries, detailsOf } from './masked-details.ts';
import { policyChecks } from './policy-checks.ts';
import { publicChecks } from './public-checks.ts';
import { roleChecks } from './role-checks.ts';
import { serverChecks } from './server-checks.ts';

/** What is examined. */
export interface Examination {
  /** The agent's own connection, between transactions. */
  readonly client: QueryClient;
  readonly catalog: Catalog;
  /** Distinct effective policies; null: none are known, and what needs them is left out. */
  readonly policies: readonly EffectivePolicy[] | null;
  readonly policyEpoch: number | null;
  readonly scope: Scope;
  /** Null: not registered. */
  readonly agentId: string | null;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Runs every check. Throws only when the server cannot be reached at all. */
export async function examine(examination: Examination): Promise<DoctorReport> {
  const { client, catalog, policies, policyEpoch, scope, now } = examination;
  const server = await readServer(examination);
  const findings: DoctorFinding[] = [];
  for (const check of [...serverChecks, ...roleChecks, ...publicChecks]) {
    findings.push(...(await runServerCheck(client, check, server)));
  }
  if (policies !== null) findings.push(...(await checkPolicies(examination, policies, server)));
  return bounded({
    checkedAt: new Date(now).toISOString(),
    database: catalog.database,
    serverVersion: server.version.slice(0, 200),
    scope: scope?.slice(0, 100).map(({ schema, table }) => formatPattern([schema, table])) ?? null,
    policyEpoch,
    findings: findings.toSorted(bySeverity),
    omitted: 0,
  });
}

/** What cannot be asked is itself worth knowing. */
async function runServerCheck(
  client: QueryClient,
  check: ServerCheck,
  facts: ServerFacts,
): Promise<readonly DoctorFinding[]> {
  try {
    const rows = (await inSnapshot(client, [check.sql]))[0] ?? [];
    return rows.flatMap((row) => {
      const complaint = check.say(row, facts);
      return complaint === null ? [] : [toFinding(check, complaint)];
    });
  } catch (thrown) {
    const state = (thrown as { code?: unknown }).code;
    if (typeof state !== 'string' || !/^[0-9A-Z]{5}$/.test(state)) throw thrown;
    const message = `This could not be looked at: the server answered ${state}${state === '42501' ? ', the agent’s role may not' : ''}.`;
    return [toFinding({ id: check.id, severity: 'info' }, { object: null, message, mend: null })];
  }
}

async function checkPolicies(
  { client, catalog, scope }: Examination,
  policies: readonly EffectivePolicy[],
  server: ServerFacts,
): Promise<readonly DoctorFinding[]> {
  const resolved = policies.map((policy) => resolveAccessWithWarnings(policy, catalog));
  const accesses = resolved.map(({ access }) => withinScope(access, scope));
  const masked = new Map<number, Set<number>>();
  for (const policy of policies) {
    for (const [oid, masks] of closeMasks(policy, catalog)) {
      if (masks.size === 0) continue;
      const known = masked.get(oid) ?? new Set<number>();
      masked.set(oid, known);
      for (const attnum of masks.keys()) known.add(attnum);
    }
  }
  const facts: PolicyFacts = {
    ...server,
    catalog,
    accesses,
    warnings: uniqueWarnings(resolved.flatMap(({ warnings }) => warnings)),
    masked,
    details: detailsOf(await inSnapshot(client, Object.values(detailQueries))),
    scope: scope?.map(({ schema, table }) => `${schema}.${table}`) ?? null,
    outOfScope: tablesOutside(
      resolved.map(({ access }) => access),
      accesses,
    ),
  };
  return policyChecks.flatMap((check) => check.find(facts).map((complaint) => toFinding(check, complaint)));
}

function uniqueWarnings(warnings: readonly AccessWarning[]): readonly AccessWarning[] {
  return [...new Map(warnings.map((warning) => [warning.message, warning])).values()];
}

function tablesOutside(
  all: readonly PolicyFacts['accesses'][number][],
  within: readonly PolicyFacts['accesses'][number][],
): readonly string[] {
  const outside = all.flatMap(({ relations }, index) =>
    [...relations.values()].filter(({ oid }) => within[index]?.relations.has(oid) !== true),
  );
  return [...new Set(outside.map(({ schema, name }) => `${schema}.${name}`))];
}

async function readServer({
  client,
  catalog,
  agentId,
}: Examination): Promise<ServerFacts & { readonly version: string }> {
  const [rows] = await inSnapshot(client, [
    `SELECT current_user::pg_catalog.text AS role, pg_catalog.current_setting('server_version') AS version`,
  ]);
  return {
    database: catalog.database,
    role: cell(rows?.[0] ?? {}, 'role'),
    version: cell(rows?.[0] ?? {}, 'version'),
    major: catalog.major,
    agentTag: agentId?.toLowerCase().slice(0, 8) ?? null,
  };
}

const prologue = [
  'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  `SET LOCAL search_path = ''`,
  `SET LOCAL statement_timeout = '15s'`,
  'SET LOCAL standard_conforming_strings = on',
];

async function inSnapshot(
  client: QueryClient,
  queries: readonly string[],
): Promise<readonly (readonly Record<string, unknown>[])[]> {
  try {
    // by itself: a text is cut into tokens as a whole, under the settings before it
    await client.query(prologue.join(';\n'));
    const results = (await client.query([...queries, 'COMMIT'].join(';\n'))) as readonly {
      rows: readonly Record<string, unknown>[];
    }[];
    return results.slice(0, -1).map(({ rows }) => rows);
  } catch (thrown) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw thrown;
  }
}

function bySeverity(a: DoctorFinding, b: DoctorFinding): number {
  return severities.indexOf(a.severity) - severities.indexOf(b.severity);
}

/** Cuts the least severe findings until the report may be sent. */
export function bounded(report: DoctorReport): DoctorReport {
  const findings = report.findings.slice(0, maxFindings);
  const size = (kept: readonly DoctorFinding[]): number =>
    Buffer.byteLength(JSON.stringify({ ...report, findings: kept }));
  while (findings.length > 0 && size(findings) > maxReportBytes - 64) {
    findings.splice(Math.floor(findings.length * 0.9));
  }
  return { ...report, findings, omitted: report.omitted + report.findings.length - findings.length };
}

/** For log lines: how many of each severity. */
export function countFindings({
  findings,
}: DoctorReport): Readonly<Record<DoctorFinding['severity'], number>> {
  const of = (wanted: DoctorFinding['severity']): number =>
    findings.filter(({ severity }) => severity === wanted).length;
  return { critical: of('critical'), warning: of('warning'), info: of('info') };
}
