/**
 * PostgreSQL for the editor. What counts as a keyword is what PostgreSQL reserves (PostgreSQL docs, appendix C), and words that
 * begin or join the parts of a statement. The library's own list has every word of every SQL standard, so that columns called
 * name, type, value, data, id or level would be coloured, and completed, as keywords.
 */
import { PostgreSQL, SQLDialect } from '@codemirror/lang-sql';

const reserved =
  'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right select session_user similar some symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when where window with';
const joining =
  'abort add after alter always atomic begin before between by call cascade checkpoint close cluster coalesce commit conflict copy cube deallocate declare deferred delete discard drop each elsif exclude excluding execute exists explain extension filter following force generated global greatest grouping if immediate immutable including increment inherit insert instead isolation least listen lock loop materialized matched merge nothing notify nowait nullif nulls overriding over owned partition preceding prepare procedure recursive refresh reindex release rename repeatable replace reset restart restrict returns revoke rollback rollup savepoint serializable set setof share show skip stable temp temporary ties transaction trigger truncate unbounded uncommitted unlisten unlogged update vacuum values view volatile within without function schema sequence';
const { keywords: _, ...spec } = PostgreSQL.spec;

export const postgres: SQLDialect = SQLDialect.define({
  ...spec,
  keywords: `${reserved} ${joining}`,
});
