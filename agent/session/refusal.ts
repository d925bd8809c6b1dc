import { encodeParse } from '@daam/shared/pgwire/parse';
import { encodeQuery } from '@daam/shared/pgwire/query';
import type { Denial } from '@daam/shared/sql/verdict';

/**
 * How a statement is refused: the server is sent a text that no grammar accepts, in the place of the refused
 * message, and its syntax error is replaced by the refusal on the way back. So the order of answers, the state
 * of the transaction and the skipping until Sync are PostgreSQL's own, not a copy of its rules.
 */
export const refusedText = 'refused by policy';

export const refusedQuery: Buffer = encodeQuery({ sql: refusedText });

/** In the place of a Parse; the name is kept, since a failed Parse of the unnamed statement also drops it. */
export function refusedParse(name: string): Buffer {
  return encodeParse({ name, sql: refusedText, parameterTypes: [] });
}

/** In the place of a Bind or an Execute: a name of our own, which the failure never creates. */
export const refusedStep: Buffer = refusedParse('daam_refused');

/** The SQLSTATE that the server answers the text with. */
export const refusedSqlState = '42601';

/** A refusal of the agent itself, outside the gate. */
export function plainDenial(denial: {
  readonly sqlstate: string;
  readonly message: string;
  readonly rule: string;
  readonly hint?: string;
}): Denial {
  return { detail: null, table: null, position: null, ...denial, hint: denial.hint ?? null };
}

/** Comparing a column with such a parameter could fail on a row that a row filter hides. */
export const unsafeTypeDenial: Denial = plainDenial({
  sqlstate: '42501',
  message: 'a parameter beside columns of a filtered table cannot be declared as an OID type or a domain',
  rule: 'row-filter-parameter',
  hint: 'Declare it as bigint, or leave its type out.',
});
