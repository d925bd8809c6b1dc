const spelled: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  bool: 'boolean',
  bpchar: 'char',
};

/**
 * A type of a catalogue (`CatalogColumn.typeName`) as people write it: `pg_catalog._int4` is `integer[]`,
 * `pg_catalog.varchar(60)` is `varchar(60)`, `public.order_status` stays.
 */
export function displayType(typeName: string): string {
  if (!typeName.startsWith('pg_catalog.')) return typeName;
  const found = /^pg_catalog\.(_?)([a-z0-9_]+)(\([^()]*\))?$/.exec(typeName);
  if (found === null) return typeName;
  const [, array = '', name = '', modifier = ''] = found;
  return `${spelled[name] ?? name}${modifier}${array === '' ? '' : '[]'}`;
}
