import { hasColumnFrom } from '@daam/shared/pgwire/row-description';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { StatementVerdict } from '@daam/shared/sql/verdict';

/** Why a result must not leave; the name is the alarm's rule. */
export type ResultFault = 'result-assertion' | 'relation-changed';

/** Commands that show columns of the tables that the gate noted, and of no others. */
const direct: ReadonlySet<string> = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/**
 * L5, the result assertion: looks at the table and column that each column of a result comes from (PostgreSQL docs
 * 55.7, RowDescription). A masked one means that the rewriter failed. A table that a policy grants and that the
 * statement did not name when the gate read it means that its name belongs to another table since: somebody renamed
 * them in between.
 */
export function findResultFault(
  body: Buffer,
  access: ResolvedAccess,
  /** What runs; null where it is not known, as for the description of a prepared statement. */
  statements: readonly StatementVerdict[] | null,
): ResultFault | null {
  const { relations } = access;
  if (hasColumnFrom(body, (oid, column) => relations.get(oid)?.masks.has(column) === true))
    return 'result-assertion';
  const isPlain = statements?.every(({ class: kind, command }) => kind !== 'opaque' && direct.has(command));
  if (statements === null || statements.length === 0 || isPlain !== true) return null;
  const named = new Set(statements.flatMap(({ tables }) => tables.map(({ oid }) => oid)));
  return hasColumnFrom(body, (oid) => relations.has(oid) && !named.has(oid)) ? 'relation-changed' : null;
}
