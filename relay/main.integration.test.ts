import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, 'main.ts');

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('daam-relay', () => {
  it.each([
    [['--help'], 0],
    [['--nonsense'], 64],
    [[], 1],
  ])('ends with its exit code: %j %i', async (args, expected) => {
    const [code] = (await once(start(args), 'close')) as [number | null];
    expect(code).toBe(expected);
  });

  it('listens until SIGTERM', async () => {
    const child = start([], { DAAM_RELAY_NAME: 'r1', DAAM_LISTEN: '127.0.0.1:0' });
    try {
      const [line] = (await once(child.stderr, 'data')) as [Buffer];
      const { url } = JSON.parse(line.toString()) as { url: string };
      const response = await fetch(new URL('/health', url.replace('ws:', 'http:')));
      expect(response.status).toBe(200);
      child.kill('SIGTERM');
      const [code] = (await once(child, 'close')) as [number | null];
      expect(code).toBe(0);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
