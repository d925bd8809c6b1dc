import type { AppError } from '@daam/shared/errors/app-error';
import type { DiagnosticFields } from '@daam/shared/pgwire/diagnostic-fields';
import { conditionName } from '@daam/shared/pgwire/sqlstate';
import type { Denial } from '@daam/shared/sql/verdict';

/**
 * L6, the diagnostics filter: an error or notice that could quote a masked value is rebuilt from its
 * SQLSTATE (PostgreSQL docs 55.8 names the fields).
 */

/** Texts that hold nothing but the client's own statement or the server's own words. */
const mayKeepMessage = new Set(['42601', '25P02', '57014', '57P01']);

/**
 * The same failure without anything that a value could be in. A position in a text that the client never wrote
 * goes too.
 */
export function filterDiagnostic(
  fields: DiagnosticFields,
  statement: { readonly rewritten: boolean } | null,
): DiagnosticFields {
  const { severity, code, schema, table, column, dataType, constraint } = fields;
  const position = statement?.rewritten === true ? undefined : fields.position;
  const message = mayKeepMessage.has(code) ? fields.message : conditionWords(code);
  return {
    severity,
    code,
    message,
    ...(position === undefined ? {} : { position }),
    ...(schema === undefined ? {} : { schema }),
    ...(table === undefined ? {} : { table }),
    ...(column === undefined ? {} : { column }),
    ...(dataType === undefined ? {} : { dataType }),
    ...(constraint === undefined ? {} : { constraint }),
  };
}

function conditionWords(code: string): string {
  return (conditionName(code) ?? `error ${code}`).replaceAll('_', ' ');
}

/** Only WARNING and NOTICE pass the filter: LOG, INFO and DEBUG can be raised with any text. */
export function mayPassNotice(fields: DiagnosticFields): boolean {
  return fields.severity === 'WARNING' || fields.severity === 'NOTICE';
}

/** A refusal in the client's own protocol. */
export function denialFields(denial: Denial): DiagnosticFields {
  return {
    severity: 'ERROR',
    code: denial.sqlstate,
    message: denial.message,
    ...(denial.detail === null ? {} : { detail: denial.detail }),
    ...(denial.hint === null ? {} : { hint: denial.hint }),
    ...(denial.position === null ? {} : { position: String(denial.position) }),
    ...(denial.table === null ? {} : { schema: denial.table.schema, table: denial.table.name }),
    routine: `daam:${denial.rule}`,
  };
}

/** The end of a session for a reason that has a code; its message is public by definition. */
export function fatalFields(error: AppError): DiagnosticFields {
  return {
    severity: 'FATAL',
    code: error.entry.sqlstate,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}
