/**
 * The transport over plain TCP: for an agent on the same machine or behind a tunnel that somebody else provides. It
 * proves who the device is; it does not encrypt.
 */
import { connect, type Socket } from 'node:net';
import { AppError } from '@daam/shared/errors/app-error';
import { type ErrorCode, errorCodes } from '@daam/shared/errors/codes';
import { prove } from '@daam/shared/identity/possession';
import {
  challengeSchema,
  encodePrefaceLine,
  type Outcome,
  outcomeSchema,
  PrefaceLines,
  parsePrefaceLine,
} from '@daam/shared/identity/preface';
import { readPrefaceLine } from '@daam/shared/identity/read-preface-line';
import type { OpenStream, StreamTarget } from './open-stream.ts';

/** See OpenStream. */
export const openLoopbackStream: OpenStream = async (target) => {
  const socket = await dial(target);
  try {
    await knock(socket, target);
    return socket;
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  }
};

async function knock(socket: Socket, target: StreamTarget): Promise<void> {
  const { certificate, grant, database, agent, deviceKey, signal } = target;
  const lines = new PrefaceLines();
  socket.write(encodePrefaceLine({ v: 1, certificate, grant, database }));

  const answer = await readPrefaceLine(socket, lines, signal, agentClosed);
  // An agent that does not like the certificate says so before it sends a challenge.
  if (answer.startsWith('{"ok"')) throw refusal(parsePrefaceLine(outcomeSchema, answer));
  const { nonce, agentKey } = parsePrefaceLine(challengeSchema, answer);
  const proof = prove({
    challenge: { nonce, verifierKey: agentKey },
    deviceKey,
    binding: { purpose: 'agent', document: certificate, audience: agent.id },
  });
  socket.write(encodePrefaceLine({ proof }));

  const outcome = parsePrefaceLine(outcomeSchema, await readPrefaceLine(socket, lines, signal, agentClosed));
  if (!outcome.ok) throw refusal(outcome);
  const early = lines.rest();
  if (early.length > 0) socket.unshift(early);
}

function refusal(outcome: Outcome): AppError {
  if (outcome.ok) return new AppError('PROTOCOL_VIOLATION', { detail: 'accepted before any proof' });
  const code: ErrorCode = Object.hasOwn(errorCodes, outcome.code) ? (outcome.code as ErrorCode) : 'INTERNAL';
  const options = { message: printable(outcome.message), detail: `refused by the agent: ${outcome.code}` };
  return new AppError(code, outcome.hint === null ? options : { ...options, hint: printable(outcome.hint) });
}

function agentClosed(): AppError {
  return new AppError('UPSTREAM_UNAVAILABLE', { message: 'The agent closed the connection.' });
}

/** The agent's words end in a terminal: no control characters. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

function dial({ agent, signal }: StreamTarget): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: agent.host,
      port: agent.port,
      noDelay: true,
      keepAlive: true,
      allowHalfOpen: true,
    });
    const settle = (act: () => void): void => {
      socket.off('connect', onConnect);
      socket.off('error', onError);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onConnect = (): void =>
      settle(() => {
        // The proxy adds its own; between the two, a reset must not end the process.
        socket.on('error', () => {});
        resolve(socket);
      });
    const fail = (cause: unknown): void =>
      settle(() => {
        socket.on('error', () => {});
        socket.destroy();
        reject(unreachable(cause));
      });
    const onError = (cause: Error): void => fail(cause);
    const onAbort = (): void => fail(signal.reason);
    socket.once('connect', onConnect);
    socket.once('error', onError);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
}

function unreachable(cause: unknown): AppError {
  return new AppError('UPSTREAM_UNAVAILABLE', {
    message: 'The agent of this database cannot be reached.',
    hint: 'Check the network; "daam status" shows what is up.',
    ...(cause instanceof Error ? { detail: cause.message, cause } : {}),
  });
}
