/** wireproxy for comparison: the other WireGuard without a network interface, on both ends. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519, x25519PrivateText, x25519PublicText } from '@daam/shared/identity/x25519';
import { freePort } from './free-port.ts';
import { buildWireproxy, Program } from './programs.ts';
import { untilOpen } from './ssh.ts';

const far = { ip: '10.90.0.1', port: 5432 } as const;
const near = { ip: '10.90.0.2' } as const;

/** A forwarded local port to the target; null, with the reason on the screen, when wireproxy cannot be had. */
export async function startWireproxy(
  target: string,
): Promise<(AsyncDisposable & { readonly address: string }) | null> {
  const file = await buildWireproxy();
  if (file === null) return null;
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'daam-bench-wireproxy-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
  const [farKey, nearKey] = [generateX25519(), generateX25519()];
  const [udpPort, localPort] = [await freeUdpPort(), await freePort()];
  const farConfig = `[Interface]
PrivateKey = ${standard(x25519PrivateText(farKey))}
Address = ${far.ip}/32
ListenPort = ${udpPort}
[Peer]
PublicKey = ${standard(x25519PublicText(nearKey))}
AllowedIPs = ${near.ip}/32
[TCPServerTunnel]
ListenPort = ${far.port}
Target = ${target}
`;
  const nearConfig = `[Interface]
PrivateKey = ${standard(x25519PrivateText(nearKey))}
Address = ${near.ip}/32
[Peer]
PublicKey = ${standard(x25519PublicText(farKey))}
AllowedIPs = ${far.ip}/32
Endpoint = 127.0.0.1:${udpPort}
[TCPClientTunnel]
BindAddress = 127.0.0.1:${localPort}
Target = ${far.ip}:${far.port}
`;
  for (const [name, text] of Object.entries({ far: farConfig, near: nearConfig })) {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    stack.use(new Program(file, [join(folder, name)]));
  }
  await untilOpen(localPort);
  const held = stack.move();
  return { address: `127.0.0.1:${localPort}`, [Symbol.asyncDispose]: async () => await held.disposeAsync() };
}

/** wireproxy writes keys in base64 with padding. */
function standard(base64url: string): string {
  return Buffer.from(base64url, 'base64url').toString('base64');
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
