import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import type { LocalTls as SidecarTls } from '@daam/shared/wireguard/forward-fields';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileSecretStore } from '../file-secret-store.ts';
import { StateFolder } from '../state-folder.ts';
import { type Issued, lifetimes, makeAuthority, makeLeaf } from './issue.ts';
import { LocalTls } from './local-tls.ts';

let folder: string;
let state: StateFolder;
let time: number;
let tls: LocalTls;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-tls-'));
  state = await StateFolder.open(folder);
  time = Date.now();
  tls = new LocalTls({ state, clock: { now: () => time }, store: () => new FileSecretStore({ state }) });
});
afterEach(async () => await rm(folder, { recursive: true }));

/** A handshake of a client that trusts this authority alone: null, or why it refuses. */
async function handshake(material: SidecarTls, ca: string, servername: string): Promise<string | null> {
  const server = createServer({ cert: material.certificate, key: material.key }, (socket) => socket.end());
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ host: '127.0.0.1', port, ca, servername });
  try {
    return await new Promise((resolve) => {
      client.once('secureConnect', () => resolve(null));
      client.once('error', (error) => resolve(error.message));
    });
  } finally {
    client.destroy();
    server.close();
  }
}

async function material(): Promise<SidecarTls> {
  const found = await tls.material();
  if (found === null) throw new Error('TLS is off');
  return found;
}

describe('TLS on local ports', () => {
  it('is off, and makes nothing, until it is switched on', async () => {
    expect(await tls.view()).toEqual({ isOn: false, caFile: null });
    expect(await tls.material()).toBeNull();
    expect(await readdir(join(folder, 'tls'))).toEqual([]);
  });

  it('is believed by a client that trusts the authority of this device, and by no other', async () => {
    await tls.switchOn('file');
    const { caFile } = await tls.view();
    const ca = await readFile(caFile ?? '', 'utf8');
    expect(await handshake(await material(), ca, 'localhost')).toBeNull();
    const stranger = await makeAuthority('elsewhere', time);
    expect(await handshake(await material(), stranger.certificate, 'localhost')).not.toBeNull();
  });

  it('keeps its keys in the secret store alone, and stays the same when it is switched on twice', async () => {
    await tls.switchOn('file');
    const before = await tls.view();
    const first = await material();
    await tls.switchOn('file');
    expect([await tls.view(), await material()]).toEqual([before, first]);
    expect((await readdir(join(folder, 'secrets'))).sort()).toEqual(['tls-ca-key', 'tls-leaf-key']);
    for (const name of await readdir(join(folder, 'tls'))) {
      const path = join(folder, 'tls', name);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(await readFile(path, 'utf8')).not.toContain('PRIVATE KEY');
    }
  });

  it('makes the certificate anew before it ends, under the same authority', async () => {
    await tls.switchOn('file');
    const first = await material();
    time += lifetimes.leaf - lifetimes.renewBefore + 1;
    const second = await material();
    expect(second.certificate).not.toBe(first.certificate);
    const ca = second.certificate.slice(second.certificate.lastIndexOf('-----BEGIN'));
    expect(first.certificate).toContain(ca);
    expect(new X509Certificate(second.certificate).checkIssued(new X509Certificate(ca))).toBe(true);
  });

  it('forgets the authority and its keys when it is switched off', async () => {
    await tls.switchOn('file');
    await tls.switchOff();
    expect(await tls.view()).toEqual({ isOn: false, caFile: null });
    expect(await readdir(join(folder, 'secrets'))).toEqual([]);
    expect(await readdir(join(folder, 'tls'))).toEqual([]);
  });
});

describe('the authority of a device', () => {
  it('can vouch for nothing but the loopback interface', async () => {
    const authority = await makeAuthority('a "strange", name', time);
    const leaf = await makeLeaf(authority, time);
    expect(await handshake(joined(leaf, authority), authority.certificate, 'localhost')).toBeNull();
    const {
      X509CertificateGenerator,
      SubjectAlternativeNameExtension,
      PemConverter,
      X509Certificate: Parsed,
    } = await import('@peculiar/x509');
    const { webcrypto } = await import('node:crypto');
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const [key] = PemConverter.decode(authority.key);
    const forged = await X509CertificateGenerator.create({
      subject: 'CN=bank.example',
      issuer: new Parsed(authority.certificate).subject,
      publicKey: keys.publicKey,
      signingKey: await webcrypto.subtle.importKey('pkcs8', key ?? new ArrayBuffer(0), algorithm, false, [
        'sign',
      ]),
      signingAlgorithm: algorithm,
      extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: 'bank.example' }])],
    });
    const forgedKey = PemConverter.encode(
      await webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
      'PRIVATE KEY',
    );
    const shown = joined({ certificate: forged.toString('pem'), key: forgedKey }, authority);
    expect(await handshake(shown, authority.certificate, 'bank.example')).toMatch(/permitted subtree/);
  });
});

function joined(leaf: Issued, authority: Issued): SidecarTls {
  return { certificate: `${leaf.certificate}\n${authority.certificate}\n`, key: leaf.key };
}
