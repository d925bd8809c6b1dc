import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BatchReader } from './batch-reader.ts';
import type { Segment } from './segments.ts';

describe('the reader of batches', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daam-batches-'));
  });
  afterEach(async () => await rm(folder, { recursive: true, force: true }));

  async function segmentOf(records: readonly object[]): Promise<Segment> {
    const file = join(folder, 'segment.jsonl');
    const content = Buffer.from(['{}', ...records.map((record) => JSON.stringify(record)), ''].join('\n'));
    await writeFile(file, content);
    return { file, from: { seq: 0, hash: '0' }, lastSeq: records.length, bytes: content.length };
  }

  it('gives each record once, though every batch is read into the same memory', async () => {
    const records = Array.from({ length: 2_500 }, (_, index) => ({
      seq: index + 1,
      text: 'é'.repeat(index % 40),
    }));
    const segment = await segmentOf(records);
    const reader = new BatchReader();
    const found: unknown[] = [];
    for (let seq = 1; seq <= records.length; ) {
      const batch = await reader.read([segment], seq);
      found.push(...(JSON.parse(batch?.body.toString() ?? '') as { records: unknown[] }).records);
      expect(batch?.firstSeq).toBe(seq);
      seq = (batch?.lastSeq ?? Number.POSITIVE_INFINITY) + 1;
    }
    expect(found).toEqual(records);
  });

  it('reads a record that is longer than its memory, and the short ones around it', async () => {
    const records = [{ seq: 1 }, { seq: 2, text: 'x'.repeat(3 * 1024 * 1024) }, { seq: 3 }];
    const segment = await segmentOf(records);
    const reader = new BatchReader();
    for (const [index, record] of records.entries()) {
      const batch = await reader.read([segment], index + 1);
      const read = JSON.parse(batch?.body.toString() ?? '') as { records: unknown[] };
      expect(read.records[0]).toEqual(record);
    }
  });

  it('has nothing before the first record is written', async () => {
    expect(await new BatchReader().read([await segmentOf([])], 1)).toBeNull();
  });
});
