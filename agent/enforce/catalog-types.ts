import { quoteIdentifier } from '@daam/shared/sql/quote';

interface TypeRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly base: number;
  readonly category: string;
}

/** How types are written in SQL that must mean the same whatever the search path is. */
export interface TypeNames {
  /** Qualified, with the modifier that format_type shows: `pg_catalog.varchar(60)`. */
  withTypmod(oid: number, formatted: string | null): string;
  /** Qualified, without a modifier, domains followed to their base type. */
  base(oid: number): string;
  /** pg_type.typcategory of the base type. */
  category(oid: number): string;
}

/** Builds the names from all rows of pg_type. */
export function typeNames(rows: readonly TypeRow[]): TypeNames {
  const byOid = new Map(rows.map((row) => [row.oid, row]));
  const baseOf = (oid: number): TypeRow | undefined => {
    let row = byOid.get(oid);
    for (let depth = 0; row !== undefined && row.base !== 0 && depth < 64; depth += 1)
      row = byOid.get(row.base);
    return row;
  };
  const base = (oid: number): string => qualifiedType(baseOf(oid));
  return {
    base,
    category: (oid) => baseOf(oid)?.category ?? 'X',
    withTypmod: (oid, formatted) => {
      const name = qualifiedType(byOid.get(oid));
      if (formatted === null) return name;
      if (standardTimes.test(formatted)) return formatted;
      return name + (/\([^()]*\)/.exec(formatted)?.[0] ?? '');
    },
  };
}

/** Their modifiers stand inside the name; the grammar itself binds these names to pg_catalog. */
const standardTimes = /^(timestamp|time|interval)\b/;

function qualifiedType(row: TypeRow | undefined): string {
  if (row === undefined) return 'pg_catalog.text';
  return `${plainOrQuoted(row.schema, plainSchemas)}.${plainOrQuoted(row.name, null)}`;
}

/** Behind a dot every key word is a plain name; before it only those that surely are none. */
const plainSchemas: ReadonlySet<string> = new Set(['pg_catalog', 'public', 'information_schema']);

function plainOrQuoted(name: string, plain: ReadonlySet<string> | null): string {
  const isPlain = plain === null ? /^[a-z_][a-z0-9_]*$/.test(name) : plain.has(name);
  return isPlain ? name : quoteIdentifier(name);
}
