import type { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import { z } from 'zod';
import type { AuditBatch } from './batch-reader.ts';

const answerSchema = z.object({ acknowledgedSeq: z.int().min(0) });
const timeoutMs = 15_000;

/**
 * Posts a batch as the bytes that are in the buffer (`POST /api/v1/agents/audit`, shared/api/routes/agents.ts):
 * parsing and writing a thousand records again would cost more than all their statements did.
 */
export function deliverTo({
  url,
  credential,
}: {
  readonly url: string;
  readonly credential: () => Secret | null;
}): (batch: AuditBatch, signal: AbortSignal) => Promise<number> {
  const target = new URL('/api/v1/agents/audit', url);
  return async (batch, signal) => {
    const token = credential();
    if (token === null) throw new AppError('UNAUTHENTICATED', { detail: 'the agent is not registered' });
    const response = await post(target, { batch, token, signal });
    if (!response.ok) {
      await response.body?.cancel();
      const code = response.status === 409 ? 'AUDIT_CHAIN_BROKEN' : 'CONTROL_PLANE_UNAVAILABLE';
      throw new AppError(code, { detail: `audit delivery answered ${response.status}` });
    }
    return answerSchema.parse(await response.json()).acknowledgedSeq;
  };
}

async function post(
  target: URL,
  { batch, token, signal }: { readonly batch: AuditBatch; readonly token: Secret; readonly signal: AbortSignal },
): Promise<Response> {
  try {
    return await fetch(target, {
      method: 'POST',
      headers: { authorization: `Bearer ${token.reveal()}`, 'content-type': 'application/json' },
      body: new Uint8Array(batch.body),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
  } catch (cause) {
    throw new AppError('CONTROL_PLANE_UNAVAILABLE', { cause });
  }
}
