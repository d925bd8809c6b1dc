import { type ErrorCode, type ErrorCodeEntry, errorCodes } from './codes.ts';

/** What an AppError is made of. `message` may be shown to anyone; `detail` never leaves the process. */
export interface AppErrorOptions {
  readonly message?: string;
  readonly detail?: string;
  readonly hint?: string;
  /** The path of the field or the name of the object that is wrong, as the user wrote it. */
  readonly field?: string;
  readonly cause?: unknown;
}

/** The one failure type. Decisions are values (verdicts, drop reasons), never exceptions. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly field: string | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(
      options.message ?? errorCodes[code].message,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.code = code;
    this.detail = options.detail;
    this.hint = options.hint;
    this.field = options.field;
  }

  /** The row of the table: HTTP status, SQLSTATE, whether to report. */
  get entry(): ErrorCodeEntry {
    return errorCodes[this.code];
  }
}

/** Wraps whatever was thrown; an unknown failure becomes INTERNAL with its text in `detail`, never shown. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError('INTERNAL', { detail, cause: thrown });
}
