import { spawn } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditRecord, auditRecordSchema, chainGenesis } from '@daam/shared/audit/chain';
import { verifyChain } from '@daam/shared/audit/verify';
import { systemClock } from '@daam/shared/base/clock';
import { silentLogger } from '@daam/shared/base/logger';
import { codeOf, codeOfAsync } from '@daam/shared/testing/code-of';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditLog, type AuditLogOptions } from './audit-log.ts';
import { sampleClosed, sampleStatement } from './testing/sample-events.ts';

const stream = 'agent-1';
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'daam-audit-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function open(options: Partial<AuditLogOptions> = {}): AuditLog {
  return new AuditLog({ directory, stream, clock: systemClock, logger: silentLogger, ...options });
}

function files(): string[] {
  return readdirSync(join(directory, stream))
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .map((name) => join(directory, stream, name));
}

/** Every record on disk, headers left out. */
function recordsOnDisk(): AuditRecord[] {
  return files().flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .slice(1, -1)
      .map((line) => auditRecordSchema.parse(JSON.parse(line))),
  );
}

function verdict(): ReturnType<typeof verifyChain> {
  return verifyChain(recordsOnDisk(), { stream, from: chainGenesis });
}

async function fill(log: AuditLog, count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    log.append(sampleStatement(`select ${at}`));
    if (at % 10 === 9) await log.durable();
  }
  await log.durable();
}

describe('the audit log', () => {
  it('numbers records from 1, writes a turn as one piece, and has them on file once durable', async () => {
    let writes = 0;
    const counted: AuditLogOptions['write'] = (descriptor, bytes, position) => {
      writes += 1;
      return writeSync(descriptor, bytes, 0, bytes.length, position);
    };
    await using log = open({ write: counted });
    const seqs = [1, 2, 3].map(() => log.append(sampleStatement()));
    expect(seqs).toEqual([1, 2, 3]);
    expect(recordsOnDisk()).toEqual([]);
    await Promise.all([log.durable(), log.durable()]);
    expect(writes).toBe(1);
    expect(verdict()).toMatchObject({ kind: 'ok', head: { seq: 3 } });
  });

  it('keeps its files to itself', async () => {
    await using log = open();
    await fill(log, 1);
    expect(statSync(join(directory, stream)).mode & 0o777).toBe(0o700);
    expect(files().map((file) => statSync(file).mode & 0o777)).toEqual([0o600]);
  });

  it('continues the chain after a restart, over many segments', async () => {
    for (let run = 0; run < 4; run++) {
      await using log = open({ segmentBytes: 2_000 });
      await fill(log, 25);
    }
    expect(files().length).toBeGreaterThan(5);
    expect(verdict()).toMatchObject({ kind: 'ok', head: { seq: 100 } });
  });

  it('knows the head of the chain even when every record was acknowledged and removed', async () => {
    {
      await using log = open({ segmentBytes: 1_000 });
      await fill(log, 50);
      log.acknowledge(50);
      expect(files()).toHaveLength(1);
    }
    await using log = open();
    expect(log.append(sampleClosed())).toBe(51);
  });

  it('keeps segments of which a record was not acknowledged', async () => {
    await using log = open({ segmentBytes: 1_000 });
    await fill(log, 50);
    log.acknowledge(20);
    const first = recordsOnDisk()[0]?.seq ?? 0;
    expect(first).toBeGreaterThan(1);
    expect(first).toBeLessThanOrEqual(21);
  });

  it('drops a line that a crash cut off at any byte, and goes on', async () => {
    {
      await using log = open();
      await fill(log, 3);
    }
    const file = files()[0] ?? '';
    const whole = readFileSync(file);
    const lastLine = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
    for (let size = lastLine; size < whole.length; size += 13) {
      writeFileSync(file, whole);
      truncateSync(file, size);
      await using log = open();
      expect(log.append(sampleStatement())).toBe(3);
      await log.durable();
      expect(verdict()).toMatchObject({ kind: 'ok', head: { seq: 3 } });
    }
  });

  it('removes a segment of which not even the header was written', async () => {
    {
      await using log = open();
      await fill(log, 3);
    }
    writeFileSync(join(directory, stream, '0000000000000004.jsonl'), '{"format":"daa');
    await using log = open();
    expect(log.state.head.seq).toBe(3);
  });

  it('refuses to go on after anything else was changed in the newest segment', async () => {
    {
      await using log = open();
      await fill(log, 3);
    }
    const file = files()[0] ?? '';
    const text = readFileSync(file, 'utf8');
    for (const changed of [
      text.replace('select 1', 'select 9'),
      text.replace(/^.*"seq":2.*\n/m, ''),
      text.replace('agent-1', 'agent-2'),
      text.replace('v1', 'v9'),
    ]) {
      writeFileSync(file, changed);
      expect(codeOf(() => open())).toBe('AUDIT_CHAIN_BROKEN');
    }
    writeFileSync(file, text);
    appendFileSync(file, 'not a record\n');
    expect(codeOf(() => open())).toBe('AUDIT_CHAIN_BROKEN');
  });

  it('refuses who waits while the file cannot be written, and writes everything once it can', async () => {
    let isBroken = false;
    const failing: AuditLogOptions['write'] = (descriptor, bytes, position) => {
      if (!isBroken) return writeSync(descriptor, bytes, 0, bytes.length, position);
      writeSync(descriptor, bytes, 0, Math.min(40, bytes.length), position);
      throw new Error('no space left on device');
    };
    await using log = open({ write: failing });
    await fill(log, 2);
    isBroken = true;
    log.append(sampleStatement('select 3'));
    expect(await codeOfAsync(log.durable())).toBe('AUDIT_UNAVAILABLE');
    expect(log.state.failure?.code).toBe('AUDIT_UNAVAILABLE');
    isBroken = false;
    log.append(sampleStatement('select 4'));
    await log.durable();
    expect(log.state).toMatchObject({ failure: null, written: { seq: 4 } });
    expect(verdict()).toMatchObject({ kind: 'ok', head: { seq: 4 } });
  });

  it('refuses statements when the buffer is full, still takes closings, and goes on once there is room', async () => {
    await using log = open({ maxBytes: 10_000, segmentBytes: 1_000 });
    let code: string | null = null;
    for (let at = 0; at < 200 && code === null; at++) {
      code = codeOf(() => log.append(sampleStatement()));
      await log.durable();
    }
    expect(code).toBe('AUDIT_UNAVAILABLE');
    expect(log.state.isFull).toBe(true);
    const closing = log.append(sampleClosed());
    await log.durable();
    log.acknowledge(closing);
    expect(codeOf(() => log.append(sampleStatement()))).toBeNull();
  });

  it('takes nothing after it was closed', async () => {
    const log = open();
    log.append(sampleStatement());
    await log[Symbol.asyncDispose]();
    expect(verdict()).toMatchObject({ kind: 'ok', head: { seq: 1 } });
    expect(codeOf(() => log.append(sampleClosed()))).toBe('AUDIT_UNAVAILABLE');
  });

  it('loses no durable record when its process is killed in the middle of writing, again and again', async () => {
    let durable = 0;
    for (let round = 0; round < 5; round++) {
      const confirmed = await killWriter(150 + round * 70);
      expect(confirmed).toBeGreaterThan(durable);
      await using log = open({ segmentBytes: 64 * 1024 });
      expect(log.state.head.seq).toBeGreaterThanOrEqual(confirmed);
      durable = log.state.head.seq;
    }
    expect(verdict()).toMatchObject({ kind: 'ok', head: { seq: durable } });
  });
});

/** Runs the endless writer, kills it (SIGKILL) `afterMs` its first record, and answers the last number it confirmed. */
async function killWriter(afterMs: number): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'testing/endless-writer.ts'), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), afterMs));
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) text += chunk.toString('latin1');
  const lines = text.split('\n').slice(0, -1);
  return Number(lines.at(-1));
}
