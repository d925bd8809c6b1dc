import { isUtf8 } from 'node:buffer';

/** What a trace may show. Passwords, SASL messages and cancel keys are hidden whatever it says. */
export interface TraceOptions {
  /** True prints SQL, parameters, rows and messages; false only their sizes. */
  readonly showValues: boolean;
}

const maxShown = 500;
/** C0, DEL and C1 controls, and the marks that turn the direction of text: none may reach a terminal. */
// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A text in double quotes, on one line, safe for a terminal, at most 500 characters. */
export function quoted(text: string): string {
  const shown = text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
  const escaped = shown.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return `"${escaped.replace(unprintable, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}

/** A text that may hold data: itself, or only its size in bytes. */
export function hiddenText(text: string, options: TraceOptions): string {
  return options.showValues ? quoted(text) : `<${Buffer.byteLength(text, 'utf8')} bytes>`;
}

/** A value of a row or parameter: itself (hexadecimal unless it is text), or only its size. */
export function hiddenValue(value: Buffer | null, options: TraceOptions): string {
  if (value === null) return 'NULL';
  if (!options.showValues) return `<${value.length}>`;
  if (isUtf8(value) && !value.includes(0)) return quoted(value.toString('utf8'));
  return `\\x${value.subarray(0, maxShown / 2).toString('hex')}${value.length > maxShown / 2 ? '…' : ''}`;
}

const commands = new Set(
  (
    'ABORT ALTER ANALYZE BEGIN CALL CHECKPOINT CLOSE CLUSTER COMMENT COMMIT COPY CREATE DEALLOCATE DECLARE DELETE ' +
    'DISCARD DO DROP END EXECUTE EXPLAIN FETCH GRANT IMPORT INSERT LISTEN LOAD LOCK MERGE MOVE NOTIFY PREPARE ' +
    'REASSIGN REFRESH REINDEX RELEASE RESET REVOKE ROLLBACK SAVEPOINT SECURITY SELECT SET SHOW START TABLE ' +
    'TRUNCATE UNLISTEN UPDATE VACUUM VALUES WITH'
  ).split(' '),
);

/** SQL: itself, or its first word when that is a command, and its size. Literals never show. */
export function hiddenSql(sql: string, options: TraceOptions): string {
  if (options.showValues) return quoted(sql);
  const word = /^\s*([A-Za-z]{2,12})\b/.exec(sql)?.[1]?.toUpperCase() ?? '';
  return `${commands.has(word) ? word : '?'} ${hiddenText(sql, options)}`;
}
