import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { silentLogger } from '@daam/shared/base/logger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Guardian } from './guardian.ts';
import { Program } from './program.ts';

const root = join(import.meta.dirname, '..', '..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'daam-program-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Path of a program with this source, as Program takes it. */
function programOf(name: string, source: string): string {
  const path = join(folder, `${name}.ts`);
  writeFileSync(path, source);
  return relative(root, path);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a program that ends before it answers fails with the end of its log', async () => {
  using guardian = new Guardian();
  await using program = new Program({
    name: 'broken',
    main: programOf('broken', "process.stderr.write('no such luck'); process.exit(3);"),
    args: [],
    env: {},
    logFile: join(folder, 'broken.log'),
    stopTimeoutMs: 1000,
    guardian,
    logger: silentLogger,
  });
  const started = program.waitForHttp('http://127.0.0.1:9/health', 20_000);
  await expect(started).rejects.toMatchObject({ code: 'INTERNAL', detail: 'no such luck' });
  expect(program.hasEnded).toBe(true);
});

test('a program that ignores SIGTERM is killed when its time is over', async () => {
  using guardian = new Guardian();
  const port = await freePort();
  const source = `import { createServer } from 'node:http';
    process.on('SIGTERM', () => {});
    createServer((_, response) => response.end('ok')).listen(${port}, '127.0.0.1');`;
  const program = new Program({
    name: 'stubborn',
    main: programOf('stubborn', source),
    args: [],
    env: {},
    logFile: join(folder, 'stubborn.log'),
    stopTimeoutMs: 300,
    guardian,
    logger: silentLogger,
  });
  await program.waitForHttp(`http://127.0.0.1:${port}/`, 20_000);
  await program[Symbol.asyncDispose]();
  expect(isAlive(program.pid)).toBe(false);
});

test('programs go when the process that started them is killed', async () => {
  const sleeper = programOf('sleeper', 'setInterval(() => {}, 1000);');
  const parent = programOf(
    'parent',
    `import { Guardian } from ${JSON.stringify(join(import.meta.dirname, 'guardian.ts'))};
    import { Program } from ${JSON.stringify(join(import.meta.dirname, 'program.ts'))};
    const logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => logger };
    const program = new Program({ name: 'sleeper', main: ${JSON.stringify(sleeper)}, args: [], env: {}, logger,
      logFile: ${JSON.stringify(join(folder, 'sleeper.log'))}, stopTimeoutMs: 1000, guardian: new Guardian() });
    console.log(program.pid);
    setInterval(() => {}, 1000);`,
  );
  const child: ChildProcess = spawn(process.execPath, [join(root, parent)]);
  const [output] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  const pid = Number(output.toString());
  expect(isAlive(pid)).toBe(true);
  child.kill('SIGKILL');
  await expect.poll(() => isAlive(pid), { timeout: 15_000 }).toBe(false);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
