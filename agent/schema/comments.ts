import type { SchemaComments } from '@daam/shared/sql/report-schema';
import type { QueryClient } from '../enforce/catalog-loader.ts';

/** What people wrote about tables, views and their columns; each cut to a little more than a report holds. */
export async function readComments(client: QueryClient): Promise<SchemaComments> {
  const results = (await client.query(
    `BEGIN READ ONLY;
SET LOCAL search_path = '';
SELECT d.objoid::pg_catalog.int8::pg_catalog.text AS oid, d.objsubid AS attnum, pg_catalog.left(d.description, 600) AS text
FROM pg_catalog.pg_description d JOIN pg_catalog.pg_class c ON c.oid = d.objoid
WHERE d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY d.objoid, d.objsubid LIMIT 200000;
COMMIT`,
  )) as readonly { readonly rows: readonly { oid: string; attnum: number; text: string }[] }[];
  const comments = new Map<number, Map<number, string>>();
  for (const { oid, attnum, text } of results[2]?.rows ?? []) {
    const ofTable = comments.get(Number(oid)) ?? new Map<number, string>();
    comments.set(Number(oid), ofTable.set(attnum, text));
  }
  return comments;
}
