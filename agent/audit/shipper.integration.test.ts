import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chainGenesis } from '@daam/shared/audit/chain';
import { verifyChain } from '@daam/shared/audit/verify';
import { systemClock } from '@daam/shared/base/clock';
import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AuditLog, type AuditLogOptions } from './audit-log.ts';
import { AuditShipper, type AuditShipperOptions } from './shipper.ts';
import { type FakeAuditStore, startFakeAuditStore } from './testing/fake-audit-store.ts';
import { sampleStatement } from './testing/sample-events.ts';

const stream = 'agent-1';
let directory = '';
let store: FakeAuditStore;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'daam-shipper-'));
  store = await startFakeAuditStore(stream);
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

function openLog(options: Partial<AuditLogOptions> = {}): AuditLog {
  return new AuditLog({
    directory,
    stream,
    clock: systemClock,
    logger: silentLogger,
    segmentBytes: 20_000,
    ...options,
  });
}

function ship(log: AuditLog, options: Partial<AuditShipperOptions> = {}): AuditShipper {
  const credential = (): Secret => new Secret('credential');
  return new AuditShipper({
    log,
    url: store.url,
    credential,
    logger: silentLogger,
    pauseMs: 1,
    maxRetryMs: 300,
    ...options,
  });
}

async function fill(log: AuditLog, count: number): Promise<void> {
  for (let at = 0; at < count; at++) log.append(sampleStatement(`select ${at}`));
  await log.durable();
}

function stored(): ReturnType<typeof verifyChain> {
  return verifyChain(store.records, { stream, from: chainGenesis });
}

describe('the audit shipper', () => {
  it('delivers everything in order, in bounded batches, one in flight, and frees the disk', async () => {
    await using log = openLog();
    await fill(log, 3_500);
    for (let at = 0; at < 8; at++) await fill(log, 100);
    await using shipper = ship(log);
    expect(await shipper.flush(20_000)).toBe(true);
    expect(stored()).toMatchObject({ kind: 'ok', head: { seq: 4_300 } });
    expect(Math.max(...store.batches)).toBeLessThanOrEqual(1_000);
    expect(store.concurrency()).toBe(1);
    expect(log.segments).toHaveLength(1);
    expect(readdirSync(join(directory, stream)).filter((name) => name.endsWith('.jsonl'))).toHaveLength(1);
  });

  it('delivers what is written while it runs', async () => {
    await using log = openLog();
    await using shipper = ship(log);
    for (let at = 0; at < 5; at++) {
      await fill(log, 10);
      expect(await shipper.flush(10_000)).toBe(true);
    }
    expect(stored()).toMatchObject({ kind: 'ok', head: { seq: 50 } });
  });

  it('carries records with texts of every kind as they are', async () => {
    await using log = openLog();
    const texts = ['a\nb\r\n\t"\\', '\u2028é\u{1f600}\u0000', ',]}', 'x'.repeat(65_536)];
    for (const text of texts) log.append(sampleStatement(text));
    await log.durable();
    await using shipper = ship(log);
    expect(await shipper.flush(10_000)).toBe(true);
    expect(store.records.map((record) => record.event['text'])).toEqual(texts);
  });

  it('keeps everything while the control plane is away, and delivers it once when it is back', async () => {
    await using log = openLog();
    store.mode = 'unavailable';
    await using shipper = ship(log);
    await fill(log, 300);
    await vi.waitFor(() => expect(shipper.state.failure?.code).toBe('CONTROL_PLANE_UNAVAILABLE'));
    expect(shipper.backlog).toBe(300);
    store.mode = 'answer';
    expect(await shipper.flush(10_000)).toBe(true);
    expect(stored()).toMatchObject({ kind: 'ok', head: { seq: 300 } });
    expect(shipper.state).toEqual({ acknowledgedSeq: 300, failure: null });
  });

  it('stores nothing twice when answers are lost', async () => {
    await using log = openLog();
    store.mode = 'lose-answer';
    await using shipper = ship(log);
    await fill(log, 300);
    await vi.waitFor(() => expect(store.batches.length).toBeGreaterThan(1), { timeout: 10_000 });
    store.mode = 'answer';
    expect(await shipper.flush(10_000)).toBe(true);
    expect(store.records).toHaveLength(300);
    expect(stored()).toMatchObject({ kind: 'ok' });
  });

  it('goes on after a restart at the record after the last acknowledged one', async () => {
    {
      await using log = openLog({ segmentBytes: 10_000_000 });
      await using shipper = ship(log);
      await fill(log, 120);
      expect(await shipper.flush(10_000)).toBe(true);
      await shipper[Symbol.asyncDispose]();
      await fill(log, 30);
    }
    store.batches.length = 0;
    await using log = openLog();
    await using shipper = ship(log);
    expect(await shipper.flush(10_000)).toBe(true);
    expect(store.batches).toEqual([30]);
    expect(stored()).toMatchObject({ kind: 'ok', head: { seq: 150 } });
  });

  it('sends again what it may have sent when the note of the last acknowledgement is lost', async () => {
    {
      await using log = openLog({ segmentBytes: 10_000_000 });
      await using shipper = ship(log);
      await fill(log, 50);
      expect(await shipper.flush(10_000)).toBe(true);
    }
    rmSync(join(directory, stream, 'acknowledged.json'));
    await using log = openLog();
    await fill(log, 5);
    await using shipper = ship(log);
    expect(await shipper.flush(10_000)).toBe(true);
    expect(store.records).toHaveLength(55);
    expect(stored()).toMatchObject({ kind: 'ok', head: { seq: 55 } });
  });

  it('delivers what is left when it is stopped', async () => {
    await using log = openLog();
    const shipper = ship(log);
    log.append(sampleStatement());
    await shipper[Symbol.asyncDispose]();
    expect(store.records).toHaveLength(1);
  });

  it('tells why records are refused, and keeps them', async () => {
    await using log = openLog();
    await fill(log, 1);
    await using unknown = ship(log, { credential: () => new Secret('other') });
    await vi.waitFor(() => expect(unknown.state.failure?.code).toBe('UNAUTHENTICATED'));
    await unknown[Symbol.asyncDispose]();
    await using unregistered = ship(log, { credential: () => null });
    await vi.waitFor(() => expect(unregistered.state.failure?.code).toBe('UNAUTHENTICATED'));
    expect(unregistered.backlog).toBe(1);
  });
});
