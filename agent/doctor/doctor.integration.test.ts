import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DoctorFinding, doctorReport } from '@daam/shared/api/doctor';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalog } from '../enforce/catalog-loader.ts';
import type { Scope } from '../enforce/scope.ts';
import { examine } from './doctor.ts';

const agentId = 'a1b2c3d4-0000-4000-8000-000000000001';
const origin = { policy: 'analyst', version: 2 };

const policy: EffectivePolicy = {
  database: 'shop',
  grants: [{ schema: '*', table: '*', operations: ['select', 'update'], origin }],
  masks: ['people.ssn', 'people.email', 'events.region', 'missing.x'].map((path) => {
    const [table = '', column = ''] = path.split('.');
    return { schema: 'public', table, column, preset: 'redact' as const, origin };
  }),
  rowFilters: [],
  limits: {},
  policies: [origin],
};

const healthy = `
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
CREATE TABLE people (id int PRIMARY KEY, email text, ssn text, name text);
CREATE ROLE agent LOGIN CREATEROLE PASSWORD 'agent-password';
GRANT USAGE ON SCHEMA public TO agent WITH GRANT OPTION;
GRANT ALL ON ALL TABLES IN SCHEMA public TO agent WITH GRANT OPTION;
`;

/** Each defect with the check that must find it, and on what. */
const defects: readonly (readonly [check: string, object: string | null, sql: string])[] = [
  ['public-create', 'open', 'CREATE SCHEMA open; GRANT USAGE, CREATE ON SCHEMA open TO PUBLIC'],
  ['public-table', 'public.given', 'CREATE TABLE given (id int); GRANT SELECT ON given TO PUBLIC'],
  [
    'public-table',
    'public.column_given',
    'CREATE TABLE column_given (id int); GRANT SELECT (id) ON column_given TO PUBLIC',
  ],
  [
    'public-default-privileges',
    'postgres',
    'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC',
  ],
  [
    'public-security-definer',
    'public.peek(integer)',
    'CREATE FUNCTION peek(int) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT max(ssn) FROM people $$',
  ],
  [
    'public-user-mapping',
    'elsewhere',
    `CREATE EXTENSION postgres_fdw; CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw;
     CREATE USER MAPPING FOR PUBLIC SERVER elsewhere OPTIONS (user 'x', password 'planted-secret');
     CREATE FOREIGN TABLE remote (id int) SERVER elsewhere`,
  ],
  ['public-dblink', 'public.dblink(text)', 'CREATE EXTENSION dblink'],
  ['shadowed-operator', 'public.=', 'CREATE EXTENSION citext'],
  ['orphan-session-role', 'daam_s_ffffffff_00', `CREATE ROLE daam_s_ffffffff_00 NOLOGIN VALID UNTIL 'epoch'`],
  ['orphan-group-role', 'daam_p_eeeeeeee_00', 'CREATE ROLE daam_p_eeeeeeee_00 NOLOGIN'],
  [
    'event-triggers',
    'watch',
    `CREATE FUNCTION watching() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
     CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE VIEW') EXECUTE FUNCTION watching()`,
  ],
  ['refused-relation', 'public.rich', `CREATE VIEW rich AS SELECT id FROM people WHERE ssn LIKE '9%'`],
  ['refused-relation', 'public.remote', ''],
  ['agent-grant-option', 'public.not_mine', 'CREATE TABLE not_mine (id int)'],
  [
    'generated-column',
    'public.people.shout',
    'ALTER TABLE people ADD COLUMN shout text GENERATED ALWAYS AS (upper(ssn)) STORED',
  ],
  [
    'trigger-on-masked',
    'public.people',
    `CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
     CREATE TRIGGER t BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION note()`,
  ],
  [
    'masked-partition-key',
    'public.events.region',
    `CREATE TABLE events (region text, at date) PARTITION BY LIST (region);
     CREATE TABLE events_eu PARTITION OF events FOR VALUES IN ('planted-secret')`,
  ],
  [
    'masked-literal',
    'public.people.email',
    `ALTER TABLE people ADD CONSTRAINT c CHECK (email <> 'planted-secret')`,
  ],
  ['masked-literal', 'public.people.ssn', `ALTER TABLE people ALTER COLUMN ssn SET DEFAULT 'planted-secret'`],
  [
    'row-security-on-masked',
    'public.people.email',
    `ALTER TABLE people ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON people USING (email = current_user)`,
  ],
  [
    'row-security-by-role',
    'public.bound',
    `CREATE TABLE bound (id int); ALTER TABLE bound ENABLE ROW LEVEL SECURITY; CREATE POLICY b ON bound TO agent USING (true)`,
  ],
  ['policy-matches-nothing', 'analyst v2', ''],
  ['statement-statistics', 'pg_stat_statements', 'CREATE EXTENSION pg_stat_statements'],
];

describe.each([13, 15, 18] as const)('the doctor on PostgreSQL %i', (major) => {
  const stack = new AsyncDisposableStack();
  let dsn: string;
  let server: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
  let superuser: Client;

  const connect = async (options: ConstructorParameters<typeof Client>[0]): Promise<Client> => {
    const client = new Client(options);
    await client.connect();
    stack.defer(async () => await client.end());
    return client;
  };
  const look = async (
    client: Client,
    options: { scope?: Scope; policies?: readonly EffectivePolicy[] | null } = {},
  ): Promise<readonly DoctorFinding[]> => {
    const report = await examine({
      client,
      catalog: await loadCatalog(client),
      policies: options.policies === undefined ? [policy] : options.policies,
      policyEpoch: 3,
      scope: options.scope ?? null,
      agentId,
      now: Date.UTC(2026, 0, 1),
    });
    expect(doctorReport.parse(report)).toEqual(report);
    return report.findings;
  };
  const asAgent = (): Promise<Client> =>
    connect({
      host: server.host,
      port: server.port,
      database: 'shop',
      user: 'agent',
      password: 'agent-password',
    });
  const checks = (findings: readonly DoctorFinding[]): readonly string[] =>
    [...new Set(findings.map(({ check }) => check))].toSorted();

  beforeAll(async () => {
    server = stack.use(await startEmbeddedPostgres({ major }));
    dsn = await server.createDatabase('shop');
    superuser = await connect({ connectionString: dsn });
    await superuser.query(healthy);
  });
  afterAll(async () => await stack.disposeAsync());

  it('finds nothing critical where nothing is wrong, and says what it may not look at', async () => {
    const findings = await look(await asAgent(), { policies: [] });
    expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(findings.filter(({ message }) => message.includes('42501')).map(({ check }) => check)).toEqual([
      'hba-trust',
      'hba-others',
    ]);
  });

  it('complains of an agent that is a superuser', async () => {
    expect(checks(await look(superuser, { policies: [] }))).toContain('agent-superuser');
  });

  it('finds each defect that is planted, and quotes no value', async () => {
    const found = (findings: readonly DoctorFinding[]): readonly string[] =>
      findings.map(({ check, object }) => `${check} ${object}`);
    const before = found(await look(await asAgent()));
    for (const [, , sql] of defects) if (sql !== '') await superuser.query(sql);
    const findings = await look(await asAgent());
    const after = found(findings);
    for (const [check, object] of defects) expect(after).toContain(`${check} ${object}`);
    expect(
      defects.map(([check, object]) => `${check} ${object}`).filter((each) => before.includes(each)),
    ).toEqual(['policy-matches-nothing analyst v2']);
    expect(JSON.stringify(findings)).not.toContain('planted-secret');
  });

  it('names SQL that mends what it finds', async () => {
    const mended = [
      'public-create',
      'public-table',
      'public-default-privileges',
      'public-security-definer',
      'public-user-mapping',
      'public-dblink',
      'orphan-session-role',
      'orphan-group-role',
      'agent-grant-option',
    ];
    const agent = await asAgent();
    for (const { check, mend } of await look(agent)) {
      if (mended.includes(check) && mend !== null) await superuser.query(mend);
    }
    const left = checks(await look(agent)).filter((check) => mended.includes(check));
    expect(left).toEqual([]);
  });

  it('finds settings that weaken the promises', async () => {
    const before = checks(await look(superuser, { policies: [] }));
    expect(before).not.toContain('hba-trust');
    const { rows } = await superuser.query<{ hba_file: string }>('SHOW hba_file');
    await appendFile(
      rows[0]?.hba_file ?? '',
      'host all all 10.0.0.0/8 trust\nhost all all 192.168.0.0/16 scram-sha-256\n',
    );
    await superuser.query('ALTER DATABASE shop SET lo_compat_privileges = on');
    await superuser.query(`ALTER DATABASE shop SET log_statement = 'all'`);
    if (major < 19) await superuser.query('ALTER DATABASE shop SET standard_conforming_strings = off');
    const again = await connect({ connectionString: dsn });
    expect(checks(await look(again, { policies: [] }))).toEqual(
      expect.arrayContaining([
        'hba-others',
        'hba-trust',
        'large-objects',
        'logged-parameters',
        'standard-conforming-strings',
      ]),
    );
    await superuser.query('ALTER DATABASE shop RESET standard_conforming_strings');
  });

  it('finds statistics that show masked values', async () => {
    await superuser.query('CREATE STATISTICS mcv (mcv) ON email, ssn FROM people');
    const original = await superuser.query<{ text: string }>(
      `SELECT pg_get_viewdef('pg_stats_ext'::regclass) AS text`,
    );
    const isPrivate = original.rows[0]?.text.includes('pg_has_role') === true;
    expect(checks(await look(superuser)).includes('extended-statistics')).toBe(!isPrivate);
    if (!isPrivate) return;
    // a cluster that was made before the fix has the view without the condition
    await superuser.query('SET allow_system_table_mods = on');
    const old = (original.rows[0]?.text ?? '').replace(/pg_has_role\([^()]*(\([^()]*\))?[^()]*\)/, 'true');
    await superuser.query(`CREATE OR REPLACE VIEW pg_catalog.pg_stats_ext AS ${old}`);
    expect(checks(await look(superuser))).toContain('extended-statistics');
  });

  it('shows what the scope leaves out', async () => {
    const findings = await look(superuser, { scope: [{ schema: 'public', table: 'people' }] });
    const outside = findings.filter(({ check }) => check === 'out-of-scope').map(({ object }) => object);
    expect(outside).toContain('public.given');
    expect(outside).not.toContain('public.people');
  });

  it('complains of another encoding', async () => {
    await superuser.query(
      `CREATE DATABASE bytes ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
    );
    const client = await connect({ connectionString: server.dsn('bytes') });
    expect(checks(await look(client, { policies: [] }))).toContain('server-encoding');
  });
});

describe.each([13, 18] as const)('the doctor on a standby of PostgreSQL %i', (major) => {
  it('says that roles cannot be made there', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'standby-'));
    try {
      {
        await using first = await startEmbeddedPostgres({ major, dataDir });
        expect(first.major).toBe(major);
      }
      await writeFile(join(dataDir, 'data', 'standby.signal'), '');
      await using server = await startEmbeddedPostgres({ major, dataDir, settings: { hot_standby: 'on' } });
      const client = new Client({ connectionString: server.superuserDsn });
      await client.connect();
      const report = await examine({
        client,
        catalog: await loadCatalog(client),
        policies: null,
        policyEpoch: null,
        scope: null,
        agentId: null,
        now: 0,
      });
      await client.end();
      expect(report.findings.map(({ check }) => check)).toContain('standby');
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
