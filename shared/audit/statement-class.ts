/** What kind of thing a statement does, for filters and counts; nothing is decided by it. */
export const statementClasses = ['read', 'write', 'schema', 'session', 'other', 'alarm'] as const;
export type StatementClass = (typeof statementClasses)[number];

/** The strongest class among the commands of a text (`SELECT; UPDATE` writes). Null, and what is not known, is `other`. */
export function statementClassOf(command: string | null): StatementClass {
  const found = new Set((command ?? '').split(';').map((one) => classOfWord(one.trim().split(' ')[0] ?? '')));
  return (['write', 'schema', 'read', 'session'] as const).find((one) => found.has(one)) ?? 'other';
}

function classOfWord(word: string): StatementClass {
  return words.get(word.toUpperCase()) ?? 'other';
}

const words: ReadonlyMap<string, StatementClass> = new Map([
  ...all('read', 'SELECT TABLE VALUES WITH EXPLAIN FETCH MOVE DECLARE COPY'),
  ...all('write', 'INSERT UPDATE DELETE MERGE TRUNCATE'),
  ...all('schema', 'CREATE ALTER DROP GRANT REVOKE COMMENT REINDEX CLUSTER REFRESH VACUUM ANALYZE SECURITY'),
  ...all(
    'session',
    'BEGIN START COMMIT END ROLLBACK ABORT SAVEPOINT RELEASE PREPARE EXECUTE DEALLOCATE SET SHOW RESET DISCARD ' +
      'LISTEN UNLISTEN NOTIFY CLOSE LOCK',
  ),
]);

function all(kind: StatementClass, names: string): (readonly [string, StatementClass])[] {
  return names.split(' ').map((name) => [name, kind]);
}
