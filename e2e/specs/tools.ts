/** Programs of other people that specs run. A missing one skips its tests, with the reason on the screen. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** How a program ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program's path, or null after saying which tests are skipped for want of it. */
export function findTool(name: string, skipped: string): string | null {
  // Servers are in sbin, which only root has in its path.
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  process.stderr.write(`skipped: ${skipped}, because ${name} is not installed\n`);
  return null;
}

/** Runs a program to its end; a failure is an outcome, not an exception. */
export async function run(
  program: string,
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    readonly timeoutMs?: number;
  } = {},
): Promise<Outcome> {
  return await new Promise((resolve) => {
    execFile(
      program,
      [...args],
      {
        env: { ...process.env, ...options.env },
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        timeout: options.timeoutMs ?? 60_000,
        maxBuffer: 64 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr: code === -1 ? `${stderr}\n${error?.message ?? ''}` : stderr });
      },
    );
  });
}

/** Runs a program that prepares a test; a failure is an Error with what it wrote. */
export async function mustRun(...args: Parameters<typeof run>): Promise<void> {
  const { code, stdout, stderr } = await run(...args);
  if (code !== 0) throw new Error(`${args[0]} ${args[1].join(' ')} ended with ${code}:\n${stdout}${stderr}`);
}

/** psql with one command: unaligned output, errors with their SQLSTATE. */
export async function psql(dsn: string, command: string): Promise<Outcome> {
  const args = ['-X', '-A', '-t', '-v', 'VERBOSITY=verbose', '-c', command, dsn];
  return await run('psql', args, { timeoutMs: 30_000, env: { PGCONNECT_TIMEOUT: '10' } });
}

/** The SQLSTATE in what psql wrote, or null. */
export function sqlstateOf({ stderr }: Outcome): string | null {
  return /(?:ERROR|FATAL):\s+([0-9A-Z]{5}):/.exec(stderr)?.[1] ?? null;
}
