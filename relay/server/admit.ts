import { AppError } from '@daam/shared/errors/app-error';
import type { OrgPublicKey } from '@daam/shared/identity/keys';
import { makeChallenge, verifyProof } from '@daam/shared/identity/possession';
import {
  type Admitted,
  admissionTimeoutMs,
  helloSchema,
  parseAdmission,
  type RelayChallenge,
  relayProofSchema,
} from '@daam/shared/relay-protocol/admission';
import { type RelayToken, verifyRelayToken } from '@daam/shared/relay-protocol/token';
import type { WebSocket } from 'ws';

export interface AdmitOptions {
  readonly keys: readonly OrgPublicKey[];
  readonly name: string;
  readonly now: () => number;
}

/**
 * Asks a fresh connection for its token and the proof of its key. Frames that it sends before it is admitted end it.
 * Rejects with the reason; the caller closes.
 */
export async function admit(socket: WebSocket, { keys, name, now }: AdmitOptions): Promise<RelayToken> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), admissionTimeoutMs);
  try {
    const { token: jws } = parseAdmission(helloSchema, await nextText(socket, deadline.signal));
    const token = await verifyRelayToken(jws, { keys, relay: name, now: now() });
    const pending = makeChallenge();
    const { nonce, verifierKey } = pending.challenge;
    socket.send(JSON.stringify({ v: 1, nonce, relayKey: verifierKey } satisfies RelayChallenge));
    const { proof } = parseAdmission(relayProofSchema, await nextText(socket, deadline.signal));
    const binding = { purpose: 'relay', document: jws, audience: name } as const;
    if (!verifyProof({ pending, deviceKey: token.publicKey, binding, proof })) {
      throw new AppError('INVALID_PROOF');
    }
    socket.send(JSON.stringify({ ok: true } satisfies Admitted));
    return token;
  } finally {
    clearTimeout(timer);
  }
}

function nextText(socket: WebSocket, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      socket.off('message', onMessage);
      socket.off('close', onClose);
      signal.removeEventListener('abort', onTimeout);
      act();
    };
    const onMessage = (data: Buffer, isBinary: boolean): void =>
      settle(() =>
        isBinary
          ? reject(new AppError('PROTOCOL_VIOLATION', { detail: 'frames before admission' }))
          : resolve(data.toString()),
      );
    const onClose = (): void =>
      settle(() => reject(new AppError('PROTOCOL_VIOLATION', { detail: 'closed' })));
    const onTimeout = (): void => settle(() => reject(new AppError('TIMEOUT')));
    if (signal.aborted) return onTimeout();
    if (socket.readyState !== socket.OPEN) return onClose();
    socket.on('message', onMessage);
    socket.on('close', onClose);
    signal.addEventListener('abort', onTimeout);
  });
}
