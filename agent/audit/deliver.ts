import type { FetchLike } from '@daam/shared/api/client';
import { agentRoutes } from '@daam/shared/api/routes/agents';
import { errorBody } from '@daam/shared/api/schemas';
import type { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import type { AuditBatch } from './batch-reader.ts';

export interface DeliveryOptions {
  readonly url: string;
  /** Null while the agent is not registered. */
  readonly credential: () => Secret | null;
  readonly fetch: FetchLike;
  /** For a whole call; default 30 s. */
  readonly timeoutMs?: number;
}

const { appendAudit } = agentRoutes;
const maxAnswerBytes = 64 * 1024;

/**
 * Posts a batch as the bytes that are in the buffer: parsing and writing a thousand records anew, as the
 * typed client would, costs more than all their statements did. Answers `acknowledgedSeq`; throws the
 * control plane's own code, or CONTROL_PLANE_UNAVAILABLE.
 */
export function auditDelivery(
  options: DeliveryOptions,
): (batch: AuditBatch, signal: AbortSignal) => Promise<number> {
  const target = new URL(appendAudit.path, options.url).href;
  return async (batch, signal) => {
    const credential = options.credential();
    if (credential === null) throw new AppError('UNAUTHENTICATED', { detail: 'the agent is not registered' });
    const { status, text } = await exchange(options.fetch, target, {
      method: appendAudit.method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${credential.reveal()}`,
        'content-type': 'application/json',
      },
      body: new Uint8Array(batch.body),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs ?? 30_000)]),
    });
    if (status !== appendAudit.status) throw refusal(status, text);
    const answer = appendAudit.response.safeParse(parseJson(text));
    if (answer.success) return answer.data.acknowledgedSeq;
    throw new AppError('CONTROL_PLANE_UNAVAILABLE', { detail: 'an answer that no control plane gives' });
  };
}

async function exchange(
  fetch: FetchLike,
  target: string,
  init: RequestInit,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetch(target, init);
    return { status: response.status, text: await readBounded(response) };
  } catch (cause) {
    throw new AppError('CONTROL_PLANE_UNAVAILABLE', { cause });
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxAnswerBytes) throw new RangeError('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function refusal(status: number, text: string): AppError {
  const body = errorBody.safeParse(parseJson(text));
  if (!body.success) return new AppError('CONTROL_PLANE_UNAVAILABLE', { detail: `HTTP ${status}` });
  const { code, message } = body.data.error;
  return new AppError(code, { message, detail: `HTTP ${status}` });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
