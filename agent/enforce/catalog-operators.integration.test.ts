import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import type { Catalog } from '@daam/shared/sql/catalog';
import { startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { loadCatalog } from './catalog-loader.ts';

const schema = `
  CREATE FUNCTION same(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
  CREATE OPERATOR = (LEFTARG = text, RIGHTARG = text, FUNCTION = same);
  CREATE TYPE mood AS ENUM ('sad');
  CREATE TYPE plain AS ENUM ('x');
  CREATE FUNCTION to_mood(text) RETURNS mood LANGUAGE sql AS 'SELECT NULL::mood';
  CREATE CAST (text AS mood) WITH FUNCTION to_mood(text);
  CREATE CAST (plain AS text) WITH INOUT;
`;

describe.each([13, 18] as const)('operators and casts of PostgreSQL %i', (major) => {
  it('are in the catalogue as far as people made them', async () => {
    await using server = await startEmbeddedPostgres({ major });
    const client = new Client({ connectionString: await server.createDatabase('shop') });
    await client.connect();
    try {
      const before = await loadCatalog(client);
      await client.query(schema);
      const catalog: Catalog = await loadCatalog(client);
      const mood = catalog.userTypes.get('mood')?.[0]?.oid;
      expect([...catalog.userOperators]).toEqual(['=']);
      expect([...(catalog.harmlessOperators ?? [])]).toEqual([]);
      expect([...(catalog.castTypes ?? [])]).toEqual([mood]);
      expect(catalog.version).not.toBe(before.version);
    } finally {
      await client.end();
    }
  });
});
