import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import { generateX25519 } from '@daam/shared/identity/x25519';
import { sampleAudience } from '@daam/shared/testing/identity-samples';
import { selfSignedCertificate } from '@daam/shared/testing/self-signed-certificate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Transports, type TransportsOptions } from './transports.ts';

let stack: AsyncDisposableStack;
let folder: string;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'daam-transports-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
});
afterEach(async () => await stack.disposeAsync());

interface Changes {
  readonly enabled?: boolean | null;
  readonly listenTls?: TransportsOptions['config']['listenTls'];
  readonly sidecarPath?: string;
  readonly openListener?: TransportsOptions['openListener'];
}

async function open({ enabled = false, listenTls = null, sidecarPath, openListener = null }: Changes) {
  const refuse = (): never => {
    throw new AppError('NO_CACHED_POLICY');
  };
  const options: TransportsOptions = {
    config: {
      listen: { host: '127.0.0.1', port: 0 },
      listenTls,
      wireguard: {
        enabled,
        listenPort: null,
        privateKeyPath: join(folder, 'wireguard.key'),
        sidecarPath: sidecarPath ?? join(folder, 'nothing'),
        candidates: [],
        path: 'auto',
        environment: {},
      },
    },
    privateKey: generateX25519(),
    accept: {
      verifyCertificate: refuse,
      verifyGrant: refuse,
      isRevoked: () => true,
      passkeyFault: () => null,
      database: { id: sampleAudience.database, name: 'shop' },
      agentId: sampleAudience.agent,
      now: () => 0,
    },
    openListener,
    onAccepted: async () => {},
    onStreamRefused: () => {},
    onKnockRefused: () => {},
    onTarget: () => {},
    onReplaced: () => {},
    clock: { now: () => 0 },
    logger: silentLogger,
  };
  return stack.use(await Transports.start(options));
}

function tls(): NonNullable<Changes['listenTls']> {
  const { certificate, key } = selfSignedCertificate('agent.example.com');
  return { certificate, key: new Secret(key) };
}

describe('the ways into an agent', () => {
  it('are none without a tunnel and without TLS: no configuration opens a plain port', async () => {
    const transports = await open({});
    expect([transports.listen, transports.target, transports.isOpen]).toEqual([null, null, false]);
  });

  it('are a TLS port where there are certificate and key, and plain bytes mean nothing there', async () => {
    const { listen, isOpen } = await open({ listenTls: tls() });
    expect(isOpen).toBe(true);
    const socket = connect({ host: '127.0.0.1', port: listen?.port ?? 0 });
    socket.on('error', () => {});
    socket.write('{"v":1}\n');
    socket.resume();
    await once(socket, 'close');
  });

  it('must be one at least: without a sidecar the agent does not start', async () => {
    await expect(open({ enabled: null })).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
  });

  it('are the TLS port alone when the sidecar is missing, unless the tunnel was asked for', async () => {
    const transports = await open({ enabled: null, listenTls: tls() });
    expect([transports.isOpen, transports.tunnel]).toEqual([true, null]);
    await expect(open({ enabled: true, listenTls: tls() })).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
  });

  it('are what a test hands in, without a tunnel', async () => {
    const transports = await open({ enabled: null, openListener: (options, openOwn) => openOwn(options) });
    expect(transports.listen?.port).toBeGreaterThan(0);
    expect(transports.target).toBeNull();
  });

  it('are closed as long as the sidecar cannot be run', async () => {
    const sidecarPath = join(folder, 'daam-tunnel');
    await writeFile(sidecarPath, 'not a program', { mode: 0o755 });
    const transports = await open({ enabled: true, sidecarPath });
    await expect.poll(() => transports.tunnel?.sidecar).toBe('waiting');
    expect([transports.isOpen, transports.isWhole]).toEqual([false, false]);
    expect(transports.target?.candidates).toEqual([]);
    transports.stop();
  });
});
