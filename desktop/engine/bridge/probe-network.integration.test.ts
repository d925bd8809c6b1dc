import { createSocket } from 'node:dgram';
import { describe, expect, it } from 'vitest';
import { relayAnswers, udpPasses } from './probe-network.ts';

/** A server over UDP whose answer the test makes; gives its `host:port`. */
async function serve(answer: (request: Buffer) => Buffer | null) {
  const socket = createSocket('udp4');
  socket.on('message', (message, { address, port }) => {
    const bytes = answer(message);
    if (bytes !== null) socket.send(bytes, port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  return { address: `127.0.0.1:${port}`, [Symbol.dispose]: () => void socket.close() };
}

const success = (request: Buffer): Buffer => {
  const answer = Buffer.from(request);
  answer.writeUInt16BE(0x0101, 0);
  return answer;
};

describe('the way of UDP', () => {
  it('is open when a STUN server answers, also where the first packet is lost or another server is silent', async () => {
    let asked = 0;
    using lossy = await serve((request) => ((asked += 1) === 1 ? null : success(request)));
    using silent = await serve(() => null);
    expect(await udpPasses([silent.address, lossy.address])).toBe(true);
    expect(asked).toBeGreaterThan(1);
  });

  it('is not open for an answer to something else, for silence, or where no server is named well', async () => {
    using forger = await serve((request) =>
      success(Buffer.concat([request.subarray(0, 8), Buffer.alloc(12)])),
    );
    using short = await serve(() => Buffer.from([1, 1]));
    expect(await udpPasses([forger.address, short.address])).toBe(false);
    expect(await udpPasses(['no port', 'host:99999999', ''])).toBe(false);
    expect(await udpPasses([])).toBe(false);
  });
});

describe('the relay', () => {
  it('is there when its host answers anything', async () => {
    const asked: string[] = [];
    const send = (async (url: URL) => {
      asked.push(url.href);
      return new Response('', { status: 404 });
    }) as typeof fetch;
    expect(await relayAnswers('wss://relay.example.com/relay/v1', send)).toBe(true);
    expect(asked).toEqual(['https://relay.example.com/']);
  });

  it('is not there when nothing answers, or its address is none', async () => {
    const send = (async () => await Promise.reject(new TypeError('fetch failed'))) as typeof fetch;
    expect(await relayAnswers('wss://relay.example.com/relay/v1', send)).toBe(false);
    expect(await relayAnswers('relay', send)).toBe(false);
  });
});
