/** The functions of a server that the allow-list knows, as far as the generator has expressions for their arguments. */
import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import { loadFunctionAllowList } from '@daam/shared/sql/functions/allow-list';
import { withClient } from '../world/load.ts';
import { type ExprType, exprTypes, type Signature } from './model.ts';

/** Time, place, sessions and sizes differ between servers for reasons of their own. */
const ofItsOwn =
  /^(now|.*_timestamp|timeofday|age|timestamptz?|date|current.*|inet_.*|pg_.*|txid.*|mxid.*|random.*|setseed|.*uuid.*|version|session_user|getpgusername|system_user|has_.*|row_security.*|to_reg.*|lo_.*|set_config|date_part|extract|date_trunc|date_bin|to_char|localtime.*|query_to.*|.*_stat_.*|.*description|array_sample|array_shuffle)$/;

/** Could take all memory or time with numbers that an expression happens to give. */
const unbounded =
  /^(repeat|lpad|rpad|generate_series|factorial|power|pow|exp|numeric_power|numeric_exp|bit_length)$/;

const query = `
  SELECT DISTINCT p.proname AS name, t.typname AS result,
    ARRAY(SELECT a.typname::text FROM unnest(p.proargtypes) WITH ORDINALITY AS u (oid, n)
          JOIN pg_type a ON a.oid = u.oid ORDER BY n) AS args
  FROM pg_proc p JOIN pg_type t ON t.oid = p.prorettype
  WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND NOT p.proretset AND p.provolatile <> 'v'
  ORDER BY 1, 3, 2`;

/** Asks the server; the order is the same on every machine. */
export async function readSignatures(dsn: string, major: PostgresMajor): Promise<readonly Signature[]> {
  const list = loadFunctionAllowList(major);
  const rows = await withClient(
    dsn,
    async (client) => (await client.query<{ name: string; result: string; args: string[] }>(query)).rows,
  );
  return rows.flatMap(({ name, result, args }): Signature[] => {
    if (!list.isAllowed(name) || ofItsOwn.test(name) || unbounded.test(name)) return [];
    const types = args.map(known);
    const type = known(result);
    if (type === null || types.length === 0 || types.length > 3) return [];
    const usable = types.filter((each): each is ExprType => each !== null);
    return usable.length === types.length ? [{ name, args: usable, result: type }] : [];
  });
}

function known(type: string): ExprType | null {
  return exprTypes.find((each) => each === type) ?? null;
}
