/**
 * The schemas of a search_path setting that exist, in order (PostgreSQL docs 5.10.3). `$user` is left out,
 * because no schema bears the name of a session's role; pg_catalog and pg_temp are searched anyway. A setting
 * that cannot be read gives an empty path, so that only qualified names resolve.
 */
export function parseSearchPath(setting: string, schemas: ReadonlySet<string>): readonly string[] {
  const names: string[] = [];
  const item = /\s*(?:"((?:[^"]|"")*)"|([^",\s]+))\s*(,|$)/y;
  while (item.lastIndex < setting.length) {
    const match = item.exec(setting);
    if (match === null) return [];
    names.push(match[1] === undefined ? (match[2] ?? '').toLowerCase() : match[1].replaceAll('""', '"'));
  }
  return [...new Set(names)].filter(
    (name) => schemas.has(name) && name !== 'pg_catalog' && name !== 'pg_temp',
  );
}
