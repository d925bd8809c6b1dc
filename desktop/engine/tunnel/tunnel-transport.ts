import type { Logger } from '@daam/shared/base/logger';
import { sidecarFile } from '@daam/shared/wireguard/sidecar-file';
import { SidecarSupervisor } from '@daam/shared/wireguard/sidecar-supervisor';
import type { Transport } from '../transport.ts';
import { type StartSidecar, Tunnel, type TunnelOptions } from './tunnel.ts';
import { TunnelPort, type TunnelPortOptions } from './tunnel-port.ts';

/** Local ports that the sidecar holds and that lead through WireGuard. */
export function tunnelTransport(
  options: TunnelOptions & {
    readonly tls: TunnelPortOptions['tls'];
    readonly password: TunnelPortOptions['password'];
  },
): Transport {
  const { clock, onChange, tls, password } = options;
  const tunnel = new Tunnel(options);
  return {
    openPort: async (request) =>
      await TunnelPort.open({ ...request, tunnel, clock, onChange, tls, password }),
    [Symbol.asyncDispose]: () => tunnel[Symbol.asyncDispose](),
  };
}

/** Starts the sidecar of this machine. `env` is where proxies are named; nothing else of it is handed on. */
export function startSidecarOf(machine: {
  readonly file: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}): StartSidecar {
  const { env, logger } = machine;
  return (options) =>
    SidecarSupervisor.start({ ...options, file: sidecarFile(machine.file), role: 'client', env, logger });
}
