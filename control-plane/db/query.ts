import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';

/**
 * Hand-written SQL, in the transaction of `em`, or in one of its own: whose rows it may touch is a setting of the
 * transaction (db/row-security.ts). Values travel as bind parameters, one for each `?` of the
 * text: they are no part of the statement, neither here nor in the server's log. (The ORM's own `execute`
 * writes escaped values into the text.) JavaScript arrays are PostgreSQL arrays.
 */
export async function query<Rows extends readonly object[]>(
  em: SqlEntityManager,
  text: string,
  params: readonly unknown[] = [],
): Promise<Rows> {
  let count = 0;
  const numbered = text.replaceAll('?', () => `$${++count}`);
  if (count !== params.length) throw new RangeError(`${params.length} parameters for ${count} places`);
  const compiled = CompiledQuery.raw(numbered, [...params]);
  const run = async (within: SqlEntityManager) => await within.getKysely().executeQuery(compiled);
  const isScoped = em.getSessionContext() !== undefined;
  const { rows } = isScoped && !em.isInTransaction() ? await em.transactional(run) : await run(em);
  return rows as unknown as Rows;
}
