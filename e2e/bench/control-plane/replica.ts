/** A replica of the control plane as its own process, which may be killed at any moment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';

const main = join(import.meta.dirname, '..', '..', '..', 'control-plane', 'main.ts');
const readyTimeoutMs = 60_000;

export interface ReplicaOptions {
  readonly name: string;
  readonly folder: string;
  readonly dsn: string;
  readonly port: number;
}

export class Replica implements AsyncDisposable {
  readonly url: string;
  readonly configFile: string;
  readonly #child: ChildProcess;

  private constructor(options: ReplicaOptions, child: ChildProcess, configFile: string) {
    this.url = `http://127.0.0.1:${options.port}`;
    this.configFile = configFile;
    this.#child = child;
  }

  /** Resolves when it answers. */
  static async start(options: ReplicaOptions): Promise<Replica> {
    const { folder, name, dsn, port } = options;
    const configFile = join(folder, `${name}.yaml`);
    const config = {
      listen: { host: '127.0.0.1', port },
      database: { dsn, pool_size: 10 },
      master_key: Buffer.alloc(32, 7).toString('base64'),
      identity: { development_tokens: true },
      http: { rate_factor: 1000 },
      logging: { level: 'warn' },
    };
    await writeFile(configFile, stringify(config), { mode: 0o600 });
    const logFile = join(folder, `${name}.log`);
    const log = openSync(logFile, 'a', 0o600);
    const child = spawn(process.execPath, [main, '--config', configFile], { stdio: ['ignore', log, log] });
    closeSync(log);
    const replica = new Replica(options, child, configFile);
    await replica.#ready(logFile);
    return replica;
  }

  /** SIGKILL: nothing is finished, nothing is said. */
  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #ready(logFile: string): Promise<void> {
    const end = Date.now() + readyTimeoutMs;
    while (Date.now() < end && this.#child.exitCode === null) {
      if (await isReady(this.url)) return;
      await delay(100);
    }
    this.#child.kill('SIGKILL');
    throw new Error(`a replica did not start:\n${(await readFile(logFile, 'utf8')).slice(-2000)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await Promise.race([ended, delay(15_000, null, { ref: false })]);
    this.#child.kill('SIGKILL');
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
