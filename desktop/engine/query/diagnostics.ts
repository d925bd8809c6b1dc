import type { DiagnosticFields } from '@daam/shared/pgwire/diagnostic-fields';
import type { Diagnostic } from '../../ipc/schema.ts';

const maxText = 8_000;

/** Where a statement's text is in the text that the screen sent, and how much was put before it. */
export interface TextPlace {
  readonly sql: string;
  readonly from: number;
  /** Characters of ours before the person's statement (EXPLAIN …). */
  readonly before: number;
}

/** A notice or an error for a screen: bounded, and with a position in the person's own text. */
export function toDiagnostic(fields: DiagnosticFields, place: TextPlace): Diagnostic {
  const { severity, code, message, detail, hint, schema, table, column } = fields;
  return {
    severity: severity.slice(0, 32),
    sqlstate: code.slice(0, 5),
    message: message.slice(0, maxText),
    detail: detail?.slice(0, maxText) ?? null,
    hint: hint?.slice(0, maxText) ?? null,
    position: positionOf(fields.position, place),
    table: schema === undefined || table === undefined ? null : `${schema}.${table}`.slice(0, 512),
    column: column?.slice(0, 512) ?? null,
  };
}

/** The server counts characters (code points) from 1, the editor UTF-16 units from 0. */
function positionOf(position: string | undefined, { sql, from, before }: TextPlace): number | null {
  const characters = Number(position) - 1 - before;
  if (position === undefined || !Number.isInteger(characters) || characters < 0) return null;
  let at = 0;
  for (let seen = 0; seen < characters && at < sql.length; seen += 1) {
    at += (sql.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return from + at;
}
