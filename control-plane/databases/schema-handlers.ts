import { AppError } from '@daam/shared/errors/app-error';
import type { Handlers } from '../http/call.ts';

type Names = 'getMySchema' | 'getSchema' | 'refreshSchema' | 'getDrift' | 'listMaskSuggestions';

/** Schemas as agents report them, and what they mean for policies. */
export function schemaHandlers(): Handlers<Names> {
  const notYet = async (): Promise<never> => await Promise.reject(new AppError('UNSUPPORTED'));
  return {
    getMySchema: notYet,
    getSchema: notYet,
    refreshSchema: notYet,
    getDrift: notYet,
    listMaskSuggestions: notYet,
  };
}
