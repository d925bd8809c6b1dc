/** The answers of two ends, as they can be compared: what every message is, without what masks and names may change. */
import { decodeErrorResponse } from '@daam/shared/pgwire/error-response';
import type { Frame } from '@daam/shared/pgwire/frame-reader';
import { backendType as b, messageName } from '@daam/shared/pgwire/message-types';
import { decodeRowDescription } from '@daam/shared/pgwire/row-description';

/** Sent whenever the server likes, or filtered by the agent: not part of the order of answers. */
const aside: ReadonlySet<number> = new Set([b.noticeResponse, b.notificationResponse, b.parameterStatus]);

/** One line for each message that answers something. */
export function answersOf(frames: readonly Frame[]): readonly string[] {
  return frames.filter(({ type }) => !aside.has(type)).map(answerOf);
}

function answerOf(frame: Frame): string {
  const name = messageName('backend', frame.type) ?? String(frame.type);
  switch (frame.type) {
    case b.errorResponse: {
      const { code, message, severity } = decodeErrorResponse(frame.body);
      const isStandIn = /at or near "refused"/.test(message) && code === '42601';
      return isStandIn ? `${name} refused` : `${name} ${severity} ${code}`;
    }
    case b.commandComplete:
      return `${name} ${frame.body.subarray(0, -1).toString()}`;
    case b.readyForQuery:
      return `${name} ${frame.body.toString()}`;
    case b.rowDescription:
      return `${name} ${decodeRowDescription(frame.body)
        .map((column) => `${column.name}:${column.format}`)
        .join(',')}`;
    case b.parameterDescription:
    case b.copyInResponse:
    case b.copyOutResponse:
      return `${name} ${frame.body.toString('hex')}`;
    case b.dataRow:
      return `${name} ${frame.body.readUInt16BE(0)}`;
    default:
      return name;
  }
}

/** Where the agent's answers are not the server's; null when they are the same. */
export function difference(agent: readonly string[], server: readonly string[]): string | null {
  for (let at = 0; at < Math.max(agent.length, server.length); at += 1) {
    const [got = 'nothing', wanted = 'nothing'] = [agent[at], server[at]];
    const isRefusal = wanted === 'errorResponse refused' && got.startsWith('errorResponse ');
    // The gate knows that no such statement was prepared; the server only looks when the transaction is whole.
    const isEarlier = wanted.endsWith('ERROR 25P02') && got.endsWith('ERROR 26000');
    if (got !== wanted && !isRefusal && !isEarlier) {
      const before = server.slice(Math.max(0, at - 3), at).join(' · ');
      return `answer ${at + 1}: ${got} instead of ${wanted} (after ${before})`;
    }
  }
  return null;
}
