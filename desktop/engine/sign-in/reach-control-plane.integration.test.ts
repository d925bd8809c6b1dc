import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Reach } from '../../ipc/schema.ts';
import { makeAuthority, makeLeaf } from '../local-tls/issue.ts';
import { reachControlPlane } from './reach-control-plane.ts';

const now = Date.parse('2030-01-15T09:41:00Z');

/** Asks a server that answers so; `fetch` is the real one. */
async function ask(answer: RequestListener, { withTls = false } = {}): Promise<Reach> {
  const authority = await makeAuthority('test', Date.now());
  const { certificate, key } = await makeLeaf(authority, Date.now());
  const server = withTls ? createTlsServer({ cert: certificate, key }, answer) : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const scheme = withTls ? 'https' : 'http';
    return await reachControlPlane(`${scheme}://127.0.0.1:${port}/invite#x`, { fetch, now: () => now });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const cause = (reach: Reach): string => (reach.kind === 'failed' ? reach.cause : reach.kind);

describe('an address that a person wrote', () => {
  it('is a control plane when its health says so, and the clocks are compared', async () => {
    const asked: (string | undefined)[] = [];
    const reach = await ask((request, response) => {
      asked.push(request.url);
      response.setHeader('date', new Date(now - 200_000).toUTCString());
      response.end('{"status":"healthy"}');
    });
    expect(reach).toEqual({ kind: 'reached', clockSkewMs: 200_000 });
    expect(asked).toEqual(['/health']);
  });

  it.each<[string, RequestListener]>([
    ['says something else', (_, response) => void response.end('<h1>Welcome to the router</h1>')],
    ['says more than a control plane does', (_, response) => void response.end('x'.repeat(100_000))],
    ['fails', (_, response) => void response.writeHead(502).end('{"status":"healthy"}')],
  ])('is another server’s when that %s', async (_, answer) => {
    expect(cause(await ask(answer))).toBe('other-server');
  });

  it('is not followed to another address', async () => {
    const reach = await ask((_, response) => void response.writeHead(302, { location: '/health2' }).end());
    expect(reach.kind).toBe('failed');
  });

  it('is named as one whose certificate is not trusted', async () => {
    const reach = await ask((_, response) => void response.end('{"status":"healthy"}'), { withTls: true });
    expect(reach).toMatchObject({ kind: 'failed', cause: 'certificate' });
    expect(reach.kind === 'failed' && reach.message).toContain('127.0.0.1');
  });

  it('is named as one where nothing answers, or that has no such host', async () => {
    const options = { fetch, now: () => now };
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(cause(await reachControlPlane(`http://127.0.0.1:${port}`, options))).toBe('refused');
    const nowhere = await reachControlPlane('https://daam.invalid', options);
    expect(cause(nowhere)).toBe('name');
    expect(nowhere).toMatchObject({ message: 'There is no host named daam.invalid.' });
  });

  it('waits no longer than its time', async () => {
    const late: typeof fetch = async () => {
      throw new DOMException('late', 'TimeoutError');
    };
    expect(cause(await reachControlPlane('https://daam.example.com', { fetch: late, now: () => now }))).toBe(
      'timeout',
    );
  });
});
