/** Whether UDP and the relay can be reached before anything is connected: asked of the relays that the control plane names. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';

/** Of a STUN binding request and of its answer (RFC 8489 section 5). */
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const magicCookie = 0x2112a442;
const headerBytes = 20;
const maxServers = 4;
/** Milliseconds. UDP may lose a packet, so it is sent more than once. */
const sendAgainAfter = 400;
const patience = 1_600;

/** Whether any of these STUN servers (`host:port`) answers. Never fails. */
export async function udpPasses(servers: readonly string[]): Promise<boolean> {
  const asked = servers.slice(0, maxServers).flatMap((server) => readAddress(server) ?? []);
  if (asked.length === 0) return false;
  const answers = asked.map(
    async ({ host, port }) =>
      await new Promise<void>((resolve, reject) => ask({ host, port }, resolve, reject)),
  );
  return await Promise.any(answers).then(
    () => true,
    () => false,
  );
}

/** Whether anything answers at the relay's host: its own protocol begins with a ticket, which is not shown here. */
export async function relayAnswers(url: string, send: typeof fetch): Promise<boolean> {
  const address = URL.parse(url.replace(/^ws/, 'http'));
  if (address === null) return false;
  try {
    const response = await send(new URL('/', address), {
      redirect: 'manual',
      signal: AbortSignal.timeout(5_000),
    });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

interface Address {
  readonly host: string;
  readonly port: number;
}

function readAddress(server: string): Address | null {
  const found = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(server);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3]);
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
}

function ask({ host, port }: Address, answered: () => void, failed: (error: Error) => void): void {
  const transaction = randomBytes(12);
  const request = Buffer.alloc(headerBytes);
  request.writeUInt16BE(bindingRequest, 0);
  request.writeUInt32BE(magicCookie, 4);
  transaction.copy(request, 8);
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const again = setInterval(() => socket.send(request, port, host, ignore), sendAgainAfter);
  const late = setTimeout(() => end(() => failed(new Error('no answer'))), patience);
  const end = (tell: () => void): void => {
    clearInterval(again);
    clearTimeout(late);
    socket.close();
    tell();
  };
  socket.once('error', (error) => end(() => failed(error)));
  socket.on('message', (message) => {
    const isAnswer =
      message.length >= headerBytes &&
      message.readUInt16BE(0) === bindingSuccess &&
      message.subarray(8, headerBytes).equals(transaction);
    if (isAnswer) {
      socket.removeAllListeners('message');
      end(answered);
    }
  });
  socket.send(request, port, host, ignore);
}

/** A name that does not resolve, or a network that is not there: the next attempt, or the end of the wait, tells. */
function ignore(): void {}
