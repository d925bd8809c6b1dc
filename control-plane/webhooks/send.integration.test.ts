import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { selfSignedCertificate } from '@daam/shared/testing/self-signed-certificate';
import { afterEach, describe, expect, it } from 'vitest';
import { AllowedAddresses } from './addresses.ts';
import { type SendOptions, sendMessage } from './send.ts';

/** One attempt against receivers that behave badly. */
const servers: Server[] = [];

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    if ('closeAllConnections' in server && typeof server.closeAllConnections === 'function')
      server.closeAllConnections();
    server.close();
  }
});

const here = new AllowedAddresses(['127.0.0.1']);

async function send(url: string, over: Partial<SendOptions> = {}) {
  const options = { allowed: here, resolve: async () => ['127.0.0.1'], timeoutMs: 300, ...over };
  return await sendMessage({ url, headers: { 'X-Test': '1' }, body: '{"a":"ü"}' }, options);
}

const http = async (listener: RequestListener) => await listen(createHttpServer(listener));

describe('an attempt', () => {
  it('sends the bytes that were signed, to the address that was looked at, under its own name', async () => {
    const seen: unknown[] = [];
    const port = await http((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push([request.method, request.url, request.headers.host, Buffer.concat(chunks).toString()]);
        response.writeHead(202).end();
      });
    });
    expect(await send(`http://hooks.example:${port}/a?b=c`)).toEqual({ status: 202, failure: null });
    expect(seen).toEqual([['POST', '/a?b=c', `hooks.example:${port}`, '{"a":"ü"}']]);
  });

  it('ends in time with a receiver that never answers, or never ends its answer', async () => {
    const silent = await http(() => {});
    expect(await send(`http://hooks.example:${silent}/`)).toEqual({ status: null, failure: 'timeout' });
    const endless = await http((_, response) => void response.writeHead(200).write('x'));
    expect(await send(`http://hooks.example:${endless}/`)).toEqual({ status: null, failure: 'timeout' });
    const stuck = new Promise<never>(() => {});
    expect(await send('https://hooks.example/', { resolve: async () => await stuck })).toEqual({
      status: null,
      failure: 'timeout',
    });
  });

  it('reads no more than it must of a large answer', async () => {
    const port = await http((_, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    expect(await send(`http://hooks.example:${port}/`, { timeoutMs: 5_000 })).toEqual({
      status: 200,
      failure: null,
    });
  });

  it('says in a word what failed', async () => {
    const port = await listen(createTcpServer((socket) => socket.destroy()));
    expect(await send(`http://hooks.example:${port}/`)).toMatchObject({ failure: 'connection-failed' });
    const garbage = await listen(createTcpServer((socket) => void socket.end('not HTTP\r\n\r\n')));
    expect(await send(`http://hooks.example:${garbage}/`)).toMatchObject({ failure: 'connection-failed' });
    expect(await send('https://hooks.example/', { resolve: async () => [] })).toMatchObject({
      failure: 'dns-failed',
    });
  });

  it('believes no certificate that it cannot verify', async () => {
    const { key, certificate } = selfSignedCertificate('hooks.example');
    const port = await listen(createHttpsServer({ key, cert: certificate }, (_, response) => response.end()));
    expect(await send(`https://hooks.example:${port}/`, { timeoutMs: 5_000 })).toEqual({
      status: null,
      failure: 'tls-failed',
    });
  });

  it('goes without TLS only where the operator named the address', async () => {
    const resolve = async () => ['8.8.8.8'];
    expect(await send('http://hooks.example/', { resolve })).toEqual({ status: null, failure: 'plain-http' });
  });
});
