import { AppError } from '@daam/shared/errors/app-error';
import type { DesktopBackend } from './backend.ts';
import { toBridgeError } from './errors.ts';
import type { ClientMessage, ServerMessage } from './messages.ts';
import { methods } from './schema.ts';
import type { Method, Params, Result } from './schema.ts';

type Call = Extract<ClientMessage, { kind: 'call' }>;

/**
 * Answers a call of a screen from the backend. Parameters are parsed before the backend sees them, and its result
 * before the screen does: a backend that says more than the schema is a bug, answered as INTERNAL.
 * Never rejects.
 */
export async function answerCall(backend: DesktopBackend, call: Call): Promise<ServerMessage> {
  try {
    return { kind: 'result', id: call.id, value: await perform(backend, call.method, call.params) };
  } catch (thrown) {
    return { kind: 'error', id: call.id, error: toBridgeError(thrown) };
  }
}

async function perform<M extends Method>(
  backend: DesktopBackend,
  method: M,
  params: unknown,
): Promise<Result<M>> {
  return checkResult(method, await backend.methods[method](readParams(method, params)));
}

function readParams<M extends Method>(method: M, params: unknown): Params<M> {
  const parsed = methods[method].params.safeParse(params);
  if (parsed.success) return parsed.data as Params<M>;
  const field = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new AppError('INVALID_INPUT', { ...(field === '' ? {} : { field }), cause: parsed.error });
}

function checkResult<M extends Method>(method: M, value: Result<M>): Result<M> {
  const parsed = methods[method].result.safeParse(value);
  if (parsed.success) return parsed.data as Result<M>;
  throw new AppError('INTERNAL', {
    detail: `the result of ${method} is not what the bridge says`,
    cause: parsed.error,
  });
}
