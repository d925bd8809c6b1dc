import type { ErrorBody } from '@daam/shared/api/schemas';
import type { AppError } from '@daam/shared/errors/app-error';

/** The one error shape; `detail` and the cause stay here. */
export function errorAnswer(error: AppError, requestId: string): ErrorBody {
  return {
    error: {
      code: error.code,
      message: error.message,
      ...(error.field === undefined ? {} : { field: error.field }),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      requestId,
    },
  };
}
