/** An agent installed as an administrator is told to: by the very command that the control plane shows. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningSystem } from './running-system.ts';

const root = join(import.meta.dirname, '..', '..');

/** A running `daam-agent`; disposing ends it by SIGTERM and waits. */
export interface InstalledAgent extends AsyncDisposable {
  readonly pid: number;
  /** Where the command ran: the configuration file is there. */
  readonly folder: string;
}

export interface AgentInstallation {
  /** The command for a binary, token included, as it is shown. */
  readonly command: string;
  /** Fills the place of the address that the administrator has to write. */
  readonly upstreamDsn: string;
  /** Name of its folder and log beside those of the system. */
  readonly name: string;
}

/** Runs the command in a folder of its own, with the database's address filled in. */
export function installAgent(
  system: RunningSystem,
  { command, upstreamDsn, name }: AgentInstallation,
): InstalledAgent {
  const folder = join(system.stateDir, name);
  mkdirSync(folder, { mode: 0o700 });
  const program = join(folder, 'daam-agent');
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'agent/main.ts')}" "$@"\n`, {
    mode: 0o700,
  });
  const text = command
    .replace(/postgres:\/\/daam_agent:\S+/, upstreamDsn)
    .replace('\ndaam-agent ', '\nexec daam-agent ');
  const log = openSync(join(system.stateDir, 'logs', `${name}.log`), 'a');
  const child = spawn('bash', ['-eu', '-c', text], {
    cwd: folder,
    env: { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}`, DAAM_HEALTH_ENABLED: 'false' },
    stdio: ['ignore', log, log],
  });
  return {
    pid: child.pid ?? 0,
    folder,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
