/** The fast part of the proof: the oldest and the newest major, a few hundred statements, the attack classes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { supportedMajors } from '@daam/shared/domain/postgres-version';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attackClasses } from '../prove/attack-classes.ts';
import type { Part, PartResult, ProveContext } from '../prove/part.ts';
import { twoWorlds } from '../prove/two-worlds.ts';
import { startWorlds, type Worlds } from '../prove/worlds.ts';

const majors = [supportedMajors[0], supportedMajors.at(-1) ?? supportedMajors[0]];

describe.each(majors)('two databases on PostgreSQL %i that differ in masked values', (major) => {
  let folder: string;
  let worlds: Worlds;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'daam-prove-'));
    worlds = await startWorlds({ major, seed: 1, folder });
  });

  afterAll(async () => {
    await worlds?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (part: Part): Promise<PartResult> => {
    const context: ProveContext = {
      major,
      isQuick: true,
      seed: 1,
      folder,
      log: () => {},
      worlds: async () => worlds,
    };
    return await part.run(context);
  };

  test('answer alike, byte for byte, to a corpus and to generated statements', async () => {
    const { counts, findings } = await run(twoWorlds);
    expect(findings).toEqual([]);
    expect(counts.reduce((sum, { cases }) => sum + cases, 0)).toBeGreaterThan(300);
  });

  test('give nothing away to any attack class, and to the floor alone only what it is known to let through', async () => {
    const { counts, findings } = await run(attackClasses);
    expect(findings).toEqual([]);
    expect(counts.reduce((sum, { cases }) => sum + cases, 0)).toBeGreaterThan(300);
  });
});
