import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { BridgeError } from './schema.ts';

/** The part of a failure that a screen may show. `detail` and `cause` stay in the process. */
export function toBridgeError(thrown: unknown): BridgeError {
  const error = toAppError(thrown);
  return {
    code: error.code,
    message: error.message,
    hint: error.hint ?? null,
    field: error.field ?? null,
  };
}

/** The failure again, on the side of the screen. */
export function fromBridgeError(error: BridgeError): AppError {
  return new AppError(error.code, {
    message: error.message,
    ...(error.hint === null ? {} : { hint: error.hint }),
    ...(error.field === null ? {} : { field: error.field }),
  });
}
