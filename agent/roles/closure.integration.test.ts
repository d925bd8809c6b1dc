import { systemClock } from '@daam/shared/base/clock';
import { silentLogger } from '@daam/shared/base/logger';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import { resolveAccess } from '@daam/shared/sql/resolve-access';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalog } from '../enforce/catalog-loader.ts';
import { RoleStore } from './role-store.ts';

/** Masks closed over real catalogues, and the floor that follows from them: no gate stands between. */

const schema = (major: number): string => `
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
CREATE TABLE people (id int PRIMARY KEY, email text UNIQUE, ssn text, name text);
INSERT INTO people VALUES (1, 'canary@example.com', '123-45-6789', 'Ann');
CREATE TABLE staff (badge int) INHERITS (people);
INSERT INTO staff VALUES (2, 'canary2@example.com', '987-65-4321', 'Bob', 7);
CREATE TABLE tagged (tag text, email text);
CREATE TABLE both_parents () INHERITS (staff, tagged);
ALTER TABLE tagged RENAME COLUMN tag TO label;
CREATE TABLE letters (id int, recipient text REFERENCES people (email) ON UPDATE CASCADE, body text);
INSERT INTO letters VALUES (1, 'canary@example.com', 'hello');
CREATE TABLE events (at date, body text) PARTITION BY RANGE (at);
CREATE TABLE events_old PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_late (body text, at date);
ALTER TABLE events ATTACH PARTITION events_late FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE made (id int, ssn text, stored text GENERATED ALWAYS AS (upper(ssn)) STORED
  ${major >= 18 ? ', virtual text GENERATED ALWAYS AS (lower(ssn)) VIRTUAL' : ''});
INSERT INTO made (id, ssn) VALUES (1, 'canary');
CREATE VIEW contacts AS SELECT id, email AS contact, name FROM people;
CREATE VIEW contact_names AS SELECT contact AS address, id FROM contacts;
CREATE MATERIALIZED VIEW contacts_kept AS SELECT id, contact FROM contacts;
CREATE VIEW shouting AS SELECT id, upper(email) AS loud FROM people;
CREATE VIEW with_ssn AS SELECT id FROM people WHERE ssn LIKE '1%';
CREATE VIEW over_with_ssn AS SELECT id FROM with_ssn;
CREATE VIEW has_email AS SELECT id, name FROM people WHERE email IS NOT NULL;
CREATE VIEW letter_names AS SELECT p.id, l.body FROM letters l JOIN people p ON p.email = l.recipient;
CREATE VIEW grouped AS SELECT count(*) AS n FROM people GROUP BY email;
CREATE VIEW everything AS SELECT id, email FROM people UNION ALL SELECT id, body FROM letters;
CREATE FUNCTION peek() RETURNS text LANGUAGE sql AS $$ SELECT max(email) FROM people $$;
CREATE VIEW code AS SELECT peek() AS p;
CREATE EXTENSION postgres_fdw;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw;
CREATE FOREIGN TABLE remote (id int) SERVER elsewhere;
CREATE VIEW over_remote AS SELECT id FROM remote;
${major >= 15 ? 'CREATE VIEW invoker WITH (security_invoker = on) AS SELECT id, email FROM people; CREATE VIEW invoker_open WITH (security_invoker = on) AS SELECT id, name FROM people; CREATE VIEW invoker_denied WITH (security_invoker = on) AS SELECT tag_id FROM hidden_tags;'.replace('tag_id FROM hidden_tags', 'x FROM hidden') : ''}
`;

const origin = { policy: 'analyst', version: 1 };
const grant = (table: string, operations: EffectivePolicy['grants'][number]['operations'] = ['select']) => ({
  schema: 'public',
  table,
  operations,
  origin,
});
const mask = (table: string, column: string, preset: EffectivePolicy['masks'][number]['preset']) => ({
  schema: 'public',
  table,
  column,
  preset,
  origin,
});

const policy: EffectivePolicy = {
  database: 'shop',
  grants: ['people', 'staff', 'both_parents', 'letters', 'events_l*', 'made', 'plain']
    .map((name) => grant(name))
    .concat(
      [
        'contacts',
        'contact_names',
        'contacts_kept',
        'shouting',
        'with_ssn',
        'over_with_ssn',
        'has_email',
        'letter_names',
        'grouped',
        'everything',
        'code',
        'over_remote',
        'remote',
        'invoker*',
      ].map((name) => grant(name)),
    ),
  masks: [
    mask('people', 'email', 'email'),
    mask('people', 'ssn', 'ssn'),
    mask('events', 'body', 'redact'),
    mask('made', 'ssn', 'ssn'),
    mask('plain', '*secret', 'redact'),
  ],
  rowFilters: [],
  limits: {},
  policies: [origin],
};

describe.each([13, 14, 15, 16, 17, 18] as const)('masks and floor on PostgreSQL %i', (major) => {
  let server: EmbeddedPostgres;
  let admin: Client;
  let catalog: Catalog;
  let access: ResolvedAccess;
  let session: Client;
  const stack = new AsyncDisposableStack();

  const of = (name: string) => {
    const relation = catalog.byName.get(`public\u0000${name}`);
    const found = relation === undefined ? undefined : access.relations.get(relation.oid);
    if (found === undefined) throw new Error(`${name} is not granted`);
    return found;
  };
  const masks = (name: string): Record<string, string> =>
    Object.fromEntries([...of(name).masks.values()].map((each) => [each.column, each.preset]));
  const refusal = (name: string): string | null => of(name).refusal?.rule ?? null;
  const mayRead = async (sql: string): Promise<boolean> => {
    try {
      await session.query(sql);
      return true;
    } catch (thrown) {
      expect((thrown as { code?: string }).code).toBe('42501');
      return false;
    }
  };

  beforeAll(async () => {
    server = stack.use(await startEmbeddedPostgres({ major }));
    admin = new Client({ connectionString: await server.createDatabase('shop') });
    await admin.connect();
    stack.defer(async () => await admin.end());
    await admin.query(
      `CREATE TABLE hidden (x int); CREATE TABLE plain (id int, note text); INSERT INTO plain VALUES (1, 'n')`,
    );
    await admin.query(schema(major));
    catalog = await loadCatalog(admin);
    access = resolveAccess(policy, catalog);
    const store = stack.use(
      new RoleStore({
        connection: { connectionString: server.dsn('shop') },
        agentId: 'a1b2c3d4-0000-4000-8000-000000000001',
        clock: systemClock,
        logger: silentLogger,
      }),
    );
    await store.start();
    const role = await store.openSession({ access, catalog });
    session = new Client({
      host: server.host,
      port: server.port,
      database: 'shop',
      user: role.name,
      password: role.password.reveal(),
    });
    session.on('error', () => undefined);
    await session.connect();
    stack.defer(async () => await session.end());
  });
  afterAll(async () => await stack.disposeAsync());

  it('carries masks to children with several parents, to partitions with other column orders, and to foreign keys', () => {
    expect(masks('staff')).toEqual({ email: 'email', ssn: 'ssn' });
    expect(masks('both_parents')).toEqual({ email: 'email', ssn: 'ssn' });
    expect(masks('events_late')).toEqual({ body: 'redact' });
    expect(masks('letters')).toEqual({ recipient: 'email' });
  });

  it('redacts generated columns, virtual ones included', () => {
    const virtual = major >= 18 ? { virtual: 'redact' } : {};
    expect(masks('made')).toEqual({ ssn: 'ssn', stored: 'redact', ...virtual });
  });

  it('carries masks to plain columns of views, views over views and materialized views', () => {
    expect(masks('contacts')).toEqual({ contact: 'email' });
    expect(masks('contact_names')).toEqual({ address: 'email' });
    expect(masks('contacts_kept')).toEqual({ contact: 'email' });
    expect(masks('everything')).toEqual({ email: 'email' });
    for (const name of ['contacts', 'contact_names', 'contacts_kept', 'everything'])
      expect(refusal(name)).toBeNull();
  });

  it('accepts what asks of a masked column no more than a match may', () => {
    expect(refusal('has_email')).toBeNull();
    expect(refusal('letter_names')).toBeNull();
  });

  it('refuses views that compute from, select by or group by a masked column, with the reason', () => {
    expect(refusal('shouting')).toBe('view-reaches-masked');
    expect(of('shouting').refusal?.message).toContain('public.people.email');
    expect(of('with_ssn').refusal?.message).toMatch(/public\.people\.ssn in WHERE/);
    expect(of('over_with_ssn').refusal?.message).toMatch(/public\.with_ssn .* WHERE/);
    expect(of('grouped').refusal?.message).toMatch(/GROUP BY/);
  });

  it('refuses what cannot be traced, with the reason', () => {
    expect(refusal('code')).toBe('view-untraceable');
    expect(of('code').refusal?.message).toContain('peek');
    expect(refusal('over_remote')).toBe('view-untraceable');
    expect(of('over_remote').refusal?.message).toContain('public.remote');
    expect(refusal('remote')).toBe('foreign-table');
  });

  it('refuses views that read with the rights of whoever asks what nobody may', () => {
    if (major < 15) return;
    expect(refusal('invoker')).toBe('view-invoker-rights');
    expect(refusal('invoker_open')).toBeNull();
    expect(refusal('invoker_denied')).toBe('view-invoker-rights');
    expect(of('invoker_denied').refusal?.message).toContain('public.hidden');
  });

  it('leaves to the session’s role exactly what is not masked', async () => {
    for (const relation of access.relations.values()) {
      const all = catalog.relations.get(relation.oid)?.columns ?? [];
      for (const { attnum, name } of all) {
        const isOpen = relation.refusal === null && !relation.masks.has(attnum);
        expect(`${relation.name}.${name} ${await mayRead(`SELECT "${name}" FROM "${relation.name}"`)}`).toBe(
          `${relation.name}.${name} ${isOpen}`,
        );
      }
    }
    expect(await mayRead('SELECT * FROM plain')).toBe(true);
    expect(await mayRead('SELECT p, ctid, xmin, tableoid FROM plain p')).toBe(true);
    expect(await mayRead('SELECT count(*) FROM plain')).toBe(true);
    expect(await mayRead('SELECT at FROM events_old')).toBe(false);
  });

  it('keeps a column out of reach that is added where a mask could cover it', async () => {
    await admin.query(`ALTER TABLE plain ADD COLUMN new_secret text DEFAULT 'canary'`);
    expect(await mayRead('SELECT id, note FROM plain')).toBe(true);
    expect(await mayRead('SELECT new_secret FROM plain')).toBe(false);
    expect(await mayRead('SELECT * FROM plain')).toBe(false);
    expect(await mayRead('SELECT count(new_secret) FROM plain')).toBe(false);
  });
});
