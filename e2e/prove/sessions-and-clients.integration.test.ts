/** A small share of the proof of sessions, protocol and clients; `npm run prove` has the rest. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import { describe, expect, it } from 'vitest';
import { clientsPart } from './clients.ts';
import { conversations } from './conversations.ts';
import { killMatrix } from './kill-matrix.ts';
import { manySessions } from './many-sessions.ts';
import type { Part, PartResult } from './part.ts';

async function quickly(part: Part, major: PostgresMajor): Promise<PartResult> {
  const folder = await mkdtemp(join(tmpdir(), 'daam-quick-'));
  const worlds = (): never => {
    throw new TypeError('this part starts its own server');
  };
  try {
    return await part.run({ major, isQuick: true, seed: 1, folder, worlds, log: () => {} });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const cases = ({ counts }: PartResult): number => counts.reduce((sum, each) => sum + each.cases, 0);

describe('a small share of the proof', () => {
  it('replays what clients send, and every refusal is explained', async () => {
    const result = await quickly(clientsPart, 16);
    expect(result.findings).toEqual([]);
    expect(cases(result)).toBeGreaterThan(150);
  });

  it('holds conversations as PostgreSQL does, and outlives known attacks', async () => {
    const result = await quickly(conversations, 18);
    expect(result.findings).toEqual([]);
    expect(cases(result)).toBeGreaterThan(60);
  });

  it('leaves no role that can sign in when the agent is killed', async () => {
    const result = await quickly(killMatrix, 17);
    expect(result.findings).toEqual([]);
    expect(cases(result)).toBeGreaterThan(3);
  });

  it('serves or refuses many clients at once and leaves no trace of them', async () => {
    const result = await quickly(manySessions, 14);
    expect(result.findings).toEqual([]);
  });
});
