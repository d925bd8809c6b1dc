/**
 * Prints messages for people, a line each: `F Parse name="s1" sql=SELECT <34 bytes> types=23`. F is the frontend (the
 * client), B the backend (the server). Values are hidden unless asked for; secrets always.
 */
import { AppError } from '../errors/app-error.ts';
import type { Frame } from './frame-reader.ts';
import { messageName, type Side } from './message-types.ts';
import { decodeStartupPacket, type StartupPacket } from './startup-packet.ts';
import { backendFields } from './trace-backend.ts';
import { frontendFields } from './trace-frontend.ts';
import { hiddenText, quoted, type TraceOptions } from './trace-text.ts';

export type { TraceOptions } from './trace-text.ts';

const hidden: TraceOptions = { showValues: false };

/** One typed message as a line without its line feed. Never throws for anything that came over a wire. */
export function traceFrame(side: Side, frame: Frame, options: TraceOptions = hidden): string {
  const name = messageName(side, frame.type) ?? `unknown type ${frame.type}`;
  const print = (side === 'frontend' ? frontendFields : backendFields)[frame.type];
  return line(side, pascal(name), () => (print === undefined ? '' : print(frame.body, options)));
}

/** One start-up packet (length word included) as a line. */
export function traceStartupPacket(packet: Buffer, options: TraceOptions = hidden): string {
  let decoded: StartupPacket;
  try {
    decoded = decodeStartupPacket(packet);
  } catch (thrown) {
    return line('frontend', 'StartupPacket', () => malformed(thrown));
  }
  if (decoded.kind === 'ssl-request') return 'F SSLRequest';
  if (decoded.kind === 'gssenc-request') return 'F GSSENCRequest';
  if (decoded.kind === 'cancel-request') {
    return `F CancelRequest pid=${decoded.cancel.pid} key=<${decoded.cancel.secret.length} bytes>`;
  }
  const { protocol, parameters } = decoded.startup;
  const shown = [...parameters].map(([name, value]) => `${quoted(name)}=${hiddenText(value, options)}`);
  return `F StartupMessage protocol=${protocol.major}.${protocol.minor} ${shown.join(' ')}`.trimEnd();
}

function line(side: Side, name: string, fields: () => string): string {
  const letter = side === 'frontend' ? 'F' : 'B';
  try {
    return `${letter} ${name} ${fields()}`.trimEnd();
  } catch (thrown) {
    return `${letter} ${name} ${malformed(thrown)}`;
  }
}

function malformed(thrown: unknown): string {
  if (thrown instanceof AppError) return `malformed (${thrown.code})`;
  throw thrown;
}

function pascal(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
