/** `npm start` as a child process, as a person would run it, with its own ports and state folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { portLayout } from '../dev-env/ports.ts';
import type { ReadyObject } from '../dev-env/ready.ts';

const root = join(import.meta.dirname, '..', '..');
/** Long enough for a first start, which compiles the sidecar with all that it is made of. */
const readyTimeoutMs = 240_000;

/** A system that said it is ready. Disposing stops it and removes its state. */
export interface RunningSystem extends AsyncDisposable {
  readonly ready: ReadyObject;
  readonly stateDir: string;
  readonly portBase: number;
  /** The process of npm, whose child is the system. */
  readonly process: ChildProcess;
  /** Every line that came on stdout. */
  readonly stdout: readonly string[];
  /** SIGTERM, and waits for the end. Returns the exit code. */
  stop(): Promise<number | null>;
}

/** Starts a system; fails with what it wrote on stderr. */
export async function startRunningSystem(
  args: readonly string[] = [],
  { ui }: { readonly ui: boolean } = { ui: false },
): Promise<RunningSystem> {
  const stateDir = mkdtempSync(join(tmpdir(), 'daam-e2e-'));
  const portBase = await findFreeBase();
  const all = [
    '--json',
    '--fresh',
    ...(ui ? [] : ['--no-ui']),
    '--state-dir',
    stateDir,
    '--port-base',
    String(portBase),
    ...args,
  ];
  // Silent: npm's own lines stay away.
  const child = spawn('npm', ['--silent', 'start', '--', ...all], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout: string[] = [];
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = `${stderr}${chunk.toString()}`.slice(-20_000);
  });
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => stdout.push(line));
  const stop = async (): Promise<number | null> => await terminate(child);
  const timeout = setTimeout(() => child.kill('SIGTERM'), readyTimeoutMs);
  const ended = once(child, 'exit').then(() => 'ended' as const);
  const outcome = await Promise.race([once(lines, 'line'), ended]);
  clearTimeout(timeout);
  if (outcome === 'ended') {
    rmSync(stateDir, { recursive: true, force: true });
    throw new Error(`the system did not start:\n${stderr}`);
  }
  const ready = JSON.parse(stdout[0] ?? '') as ReadyObject;
  const dispose = async (): Promise<void> => {
    await stop();
    rmSync(stateDir, { recursive: true, force: true });
  };
  return { ready, stateDir, portBase, process: child, stdout, stop, [Symbol.asyncDispose]: dispose };
}

async function terminate(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  return child.exitCode;
}

/** The ports that a system on this base would use. */
export function portsOf(base: number): number[] {
  return Object.values(portLayout(base));
}

/** True if something listens there. */
export async function isListening(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function findFreeBase(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    // Below the range that the kernel takes ports for outgoing connections from.
    const base = 10_000 + Math.floor(Math.random() * 200) * 100;
    const checks = await Promise.all([...portsOf(base), base + 41].map(canListen));
    if (checks.every(Boolean)) return base;
  }
  throw new Error('no free range of ports');
}

async function canListen(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
