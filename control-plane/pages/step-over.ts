import { AppError } from '@daam/shared/errors/app-error';

/** A page was open for too long, or its step was taken already. */
export function stepOver(): AppError {
  return new AppError('UNAUTHENTICATED', {
    message: 'This page was open for too long.',
    hint: 'Reload it and try again.',
  });
}
