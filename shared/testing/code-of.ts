import { AppError } from '../errors/app-error.ts';

/** The AppError code that `run` throws, or null when it returns. Anything else that is thrown passes through. */
export function codeOf(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown.code;
    throw thrown;
  }
}

/** Like `codeOf` for a promise. */
export async function codeOfAsync(promise: Promise<unknown>): Promise<string | null> {
  try {
    await promise;
    return null;
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown.code;
    throw thrown;
  }
}
