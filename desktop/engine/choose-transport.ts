import type { EngineOptions } from './engine-options.ts';
import { openLoopbackStream } from './loopback-stream.ts';
import { streamTransport, type Transport } from './transport.ts';
import type { TunnelOptions } from './tunnel/tunnel.ts';
import type { TunnelPortOptions } from './tunnel/tunnel-port.ts';
import { startSidecarOf, tunnelTransport } from './tunnel/tunnel-transport.ts';

/** Whether agents are reached through WireGuard; else by a stream of this process for each client. */
export function isTunnelled({ openStream, transport }: EngineOptions): boolean {
  return openStream === undefined && transport !== 'loopback';
}

/** The transport that the options ask for. */
export function chooseTransport(
  options: EngineOptions,
  given: Pick<TunnelOptions, 'deviceKey' | 'clock' | 'logger' | 'onChange'> &
    Pick<TunnelPortOptions, 'tls' | 'password'>,
): Transport {
  const { deviceKey, logger } = given;
  if (!isTunnelled(options)) {
    return streamTransport({ deviceKey, openStream: options.openStream ?? openLoopbackStream });
  }
  const machine = { file: options.sidecarFile ?? null, env: options.env ?? {}, logger };
  const startSidecar = options.startSidecar ?? startSidecarOf(machine);
  return tunnelTransport({ ...given, path: options.path ?? 'auto', startSidecar });
}
