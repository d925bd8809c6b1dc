/**
 * Stands between an agent and its server and strikes at one moment of what they say: before a message is passed on,
 * right after it, or when its answer is back and nobody has seen it. The agent needs no hook for that.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Frame, FrameReader } from '@daam/shared/pgwire/frame-reader';
import { backendType, frontendType } from '@daam/shared/pgwire/message-types';
import { decodeParse } from '@daam/shared/pgwire/parse';
import { decodeQuery } from '@daam/shared/pgwire/query';
import { decodeStartupPacket } from '@daam/shared/pgwire/startup-packet';
import { StartupReader } from '@daam/shared/pgwire/startup-reader';

/** A moment: whose connection, which message, and when. */
export interface Moment {
  readonly name: string;
  readonly connection: 'admin' | 'session';
  /** Matches the SQL of a Query or Parse; `startup`: the connection's StartupMessage. */
  readonly message: RegExp | 'startup';
  readonly when: 'unsent' | 'sent' | 'answered';
}

export interface UpstreamWatch extends AsyncDisposable {
  readonly port: number;
  /** Strikes once at that moment, then passes everything again. */
  arm(moment: Moment, strike: () => void): void;
}

interface Armed {
  readonly moment: Moment;
  readonly strike: () => void;
}

const maxFrameBytes = 64 * 1024 * 1024;

export async function startUpstreamWatch(target: { readonly port: number }): Promise<UpstreamWatch> {
  let armed: Armed | null = null;
  const open = new Set<Socket>();
  const take = (hit: (moment: Moment) => boolean): Armed | null => {
    if (armed === null || !hit(armed.moment)) return null;
    const found = armed;
    armed = null;
    return found;
  };
  const server = createServer({ noDelay: true }, (agent) => {
    const upstream = connect({ host: '127.0.0.1', port: target.port, noDelay: true });
    for (const socket of [agent, upstream]) {
      open.add(socket);
      socket.on('error', () => {});
      // Whatever one side sent is delivered before the other is closed, as a dying process's kernel does it.
      socket.on('close', () => {
        open.delete(socket);
        agent.destroySoon();
        upstream.destroySoon();
      });
    }
    new Passage({ agent, upstream, take }).open();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    arm: (moment, strike) => {
      armed = { moment, strike };
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

/** One connection on its way through. */
class Passage {
  readonly #agent: Socket;
  readonly #upstream: Socket;
  readonly #take: (hit: (moment: Moment) => boolean) => Armed | null;
  readonly #opening = new StartupReader();
  readonly #toServer = new FrameReader({ side: 'frontend', maxFrameBytes });
  readonly #toAgent = new FrameReader({ side: 'backend', maxFrameBytes });
  #connection: Moment['connection'] | null = null;
  #isStruck = false;
  /** Set when the answer of a message is waited for. */
  #awaited: Armed | null = null;

  constructor(parts: {
    readonly agent: Socket;
    readonly upstream: Socket;
    readonly take: (hit: (moment: Moment) => boolean) => Armed | null;
  }) {
    this.#agent = parts.agent;
    this.#upstream = parts.upstream;
    this.#take = parts.take;
  }

  open(): void {
    this.#agent.on('data', (chunk: Buffer) => this.#fromAgent(chunk));
    this.#upstream.on('data', (chunk: Buffer) => this.#fromServer(chunk));
  }

  #fromAgent(chunk: Buffer): void {
    if (this.#isStruck) return;
    if (this.#connection === null) {
      this.#opening.push(chunk);
      this.#readOpening();
    } else this.#toServer.push(chunk);
    if (this.#connection === null) return;
    for (
      let frame = this.#toServer.next();
      frame !== null && !this.#isStruck;
      frame = this.#toServer.next()
    ) {
      const sql = sqlOf(frame);
      this.#pass(frame.bytes, (message) => message !== 'startup' && sql !== null && message.test(sql));
    }
  }

  #readOpening(): void {
    for (let packet = this.#opening.next(); packet !== null; packet = this.#opening.next()) {
      const decoded = decodeStartupPacket(packet);
      if (decoded.kind !== 'startup') {
        this.#upstream.write(packet);
        continue;
      }
      const user = decoded.startup.parameters.get('user') ?? '';
      this.#connection = user.startsWith('daam_s_') ? 'session' : 'admin';
      this.#pass(packet, (message) => message === 'startup');
      this.#toServer.push(this.#opening.takeRest());
      return;
    }
  }

  #pass(bytes: Buffer, isMeant: (message: Moment['message']) => boolean): void {
    const hit = this.#take(({ connection, message }) => connection === this.#connection && isMeant(message));
    if (hit === null || hit.moment.when !== 'unsent') this.#upstream.write(bytes);
    if (hit === null) return;
    if (hit.moment.when === 'answered') this.#awaited = hit;
    else this.#strike(hit);
  }

  #fromServer(chunk: Buffer): void {
    if (this.#isStruck) return;
    // The answer to a request for encryption is one bare byte.
    if (this.#connection === null) return void this.#agent.write(chunk);
    this.#toAgent.push(chunk);
    for (let frame = this.#toAgent.next(); frame !== null; frame = this.#toAgent.next()) {
      if (this.#awaited !== null && frame.type === backendType.readyForQuery)
        return this.#strike(this.#awaited);
      this.#agent.write(frame.bytes);
    }
  }

  #strike({ strike }: Armed): void {
    this.#isStruck = true;
    strike();
  }
}

function sqlOf(frame: Frame): string | null {
  if (frame.type === frontendType.query) return decodeQuery(frame.body).sql;
  return frame.type === frontendType.parse ? decodeParse(frame.body).sql : null;
}
