/** The agent as its own process: its configuration file, its start, and when it is of use. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@daam/shared/base/logger';
import { makeAuthority, makeLeaf } from '@daam/desktop/engine/local-tls/issue';
import type { Secret } from '@daam/shared/base/secret';
import { stringify } from 'yaml';
import type { Guardian } from './guardian.ts';
import type { StartOptions } from './options.ts';
import type { PortLayout } from './ports.ts';
import { Program } from './program.ts';
import type { StateDir } from './state-dir.ts';

/** What the agent is started from. */
export interface AgentOptions {
  readonly controlPlaneUrl: string;
  readonly upstreamDsn: Secret;
  /** Null: it has its credential from an earlier start. */
  readonly registrationToken: Secret | null;
  readonly ports: PortLayout;
  readonly state: StateDir;
  readonly guardian: Guardian;
  readonly logger: Logger;
  /** The tunnel's binary; null: developers come over plain loopback TCP. */
  readonly sidecar: string | null;
  readonly options: Pick<StartOptions, 'agentMain' | 'path'>;
}

const readyTimeoutMs = 45_000;
/** It drains before it ends. */
const stopTimeoutMs = 70_000;

/** Name of the file that holds what the agent got for its registration token. */
const credential = 'credential.json';

/** True if an agent was registered from this state folder. */
export async function isAgentRegistered(state: StateDir): Promise<boolean> {
  return await access(state.file('agent', credential)).then(
    () => true,
    () => false,
  );
}

/** Starts the agent and waits until it is healthy. Its configuration is `<state>/agent/agent.yaml`. */
export async function startAgentProgram(options: AgentOptions): Promise<Program> {
  const { ports, state, guardian, logger } = options;
  const configPath = await writeConfig(options);
  const program = new Program({
    name: 'agent',
    main: options.options.agentMain?.main ?? mainOf(options),
    args: ['--config', configPath],
    env: options.options.agentMain?.env ?? {},
    logFile: join(await state.folder('logs'), 'agent.log'),
    stopTimeoutMs,
    guardian,
    logger,
  });
  try {
    await program.waitForHttp(`http://127.0.0.1:${ports.agentHealth}/health`, readyTimeoutMs);
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
  logger.info({ pid: program.pid, port: ports.agentListen, config: configPath }, 'agent is up');
  return program;
}

/** The agent itself never listens without a tunnel or TLS; without a tunnel it is a main file of our own that does. */
function mainOf({ sidecar }: AgentOptions): string {
  return sidecar === null ? 'e2e/dev-env/loopback-agent-main.ts' : 'agent/main.ts';
}

/** Where it listens and tells its health. */
export function agentAddressOf(ports: PortLayout): { readonly listen: string; readonly health: string } {
  return { listen: `127.0.0.1:${ports.agentListen}`, health: `http://127.0.0.1:${ports.agentHealth}` };
}

async function writeConfig(options: AgentOptions): Promise<string> {
  const { controlPlaneUrl, upstreamDsn, registrationToken, ports, state } = options;
  const folder = await state.folder('agent');
  const dsnFile = await state.keepSecret('agent-upstream-dsn', upstreamDsn);
  const tokenFile =
    registrationToken === null ? null : await state.keepSecret('agent-registration-token', registrationToken);
  const config = {
    listen: `127.0.0.1:${ports.agentListen}`,
    ...(options.sidecar === null ? {} : { listen_tls: await makeCertificate(state, folder) }),
    upstream: { dsn_file: dsnFile },
    control_plane: {
      url: controlPlaneUrl,
      ...(tokenFile === null ? {} : { auth_token_file: tokenFile }),
      credential_path: join(folder, credential),
      policy_cache_path: join(folder, 'policy-bundle.json'),
      audit_buffer_path: join(folder, 'audit'),
    },
    wireguard: tunnelConfig(options, folder),
    health: { enabled: true, port: ports.agentHealth },
    logging: { level: 'info' },
  };
  const path = join(folder, 'agent.yaml');
  await state.writePrivate(path, stringify(config));
  return path;
}

/** The port beside the tunnel speaks TLS or is not opened: with a certificate of this start for localhost. */
async function makeCertificate(state: StateDir, folder: string): Promise<object> {
  const now = Date.now();
  const authority = await makeAuthority('the development system', now);
  const { certificate, key } = await makeLeaf(authority, now);
  const files = { cert_file: join(folder, 'listen.crt'), key_file: join(folder, 'listen.key') };
  await state.writePrivate(files.cert_file, `${certificate.trimEnd()}\n${authority.certificate}`);
  await state.writePrivate(files.key_file, key);
  return files;
}

function tunnelConfig({ sidecar, ports, options }: AgentOptions, folder: string): object {
  if (sidecar === null) return { enabled: false };
  return {
    enabled: true,
    listen_port: ports.agentTunnel,
    private_key_path: join(folder, 'wireguard.key'),
    sidecar_path: sidecar,
    candidates: [`127.0.0.1:${ports.agentTunnel}`],
    path: options.path,
  };
}
