import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../base/canonical-json.ts';
import { canonicalEvent } from './canonical.ts';
import {
  type AuditRecord,
  auditRecordSchema,
  type ChainHead,
  chainGenesis,
  recordHash,
  sealRecord,
} from './chain.ts';
import {
  type AuditEvent,
  auditClassOf,
  auditEventSchema,
  boundStatementText,
  maxStatementText,
} from './events.ts';
import { verifyChain } from './verify.ts';

const stream = '00000000-0000-4000-8000-000000000003';
const bounds = { stream, from: chainGenesis };

function completed(statement: number): AuditEvent {
  return {
    kind: 'statement.completed',
    durationMs: 1.25,
    rows: 3,
    session: 's1',
    sqlstate: null,
    statement,
    tag: 'SELECT 3',
    user: 'u1',
  };
}

function chain(length: number, from: ChainHead = chainGenesis): AuditRecord[] {
  let head = from;
  return Array.from({ length }, (_, index) => {
    const sealed = sealRecord({ stream, head }, 1_800_000_000_000 + index, completed(index));
    head = sealed.head;
    return auditRecordSchema.parse(JSON.parse(sealed.text));
  });
}

/** A record with its hash made right again, as an attacker would. */
function rehashed(record: AuditRecord, change: Partial<AuditRecord>): AuditRecord {
  const changed = { ...record, ...change };
  return { ...changed, hash: recordHash(changed) };
}

describe('the audit chain', () => {
  it('writes the canonical text of every record, and verifies it', () => {
    const records = chain(20);
    const last = records[19];
    expect(verifyChain(records, bounds)).toEqual({ kind: 'ok', head: { seq: 20, hash: last?.hash } });
    const sealed = sealRecord({ stream, head: chainGenesis }, 5, completed(0));
    expect(sealed.text).toBe(canonicalJson(JSON.parse(sealed.text)));
  });

  it('keeps its format: a record that was sealed once verifies for ever', () => {
    const sealed = sealRecord({ stream: 'a', head: chainGenesis }, 1, { kind: 'alarm' });
    expect(sealed.head.hash).toBe('66bd0b655ec93111761b3b7fa804147a16fab3fa9c0e4f447d20057a626bc8bb');
  });

  it('can be verified in pieces, each from the head of the one before', () => {
    const records = chain(10);
    const first = verifyChain(records.slice(0, 4), bounds);
    const head = first.kind === 'ok' ? first.head : chainGenesis;
    expect(verifyChain(records.slice(4), { stream, from: head })).toMatchObject({
      kind: 'ok',
      head: { seq: 10 },
    });
    expect(verifyChain([], { stream, from: head })).toEqual({ kind: 'ok', head });
  });

  it('names the record of which any member was changed', () => {
    const records = chain(12);
    for (const [index, record] of records.entries()) {
      const changes: Partial<AuditRecord>[] = [
        { at: record.at + 1 },
        { event: { ...record.event, rows: 4 } },
        { event: { ...record.event, extra: '\ud800' } },
        { prev: 'f'.repeat(64) },
        { hash: `${record.hash.slice(0, 63)}${record.hash.endsWith('0') ? '1' : '0'}` },
        { stream: 'other' },
        { seq: record.seq + 100 },
      ];
      for (const change of changes) {
        const tampered = records.with(index, { ...record, ...change });
        expect(verifyChain(tampered, bounds)).toEqual({ kind: 'changed', seq: record.seq });
      }
    }
  });

  it('names the record that was changed and hashed anew, by the one that follows it', () => {
    const records = chain(12);
    for (const [index, record] of records.slice(0, -1).entries()) {
      const tampered = records.with(index, rehashed(record, { at: record.at + 1 }));
      expect(verifyChain(tampered, bounds)).toEqual({ kind: 'changed', seq: record.seq });
    }
  });

  it('names each record that was removed, moved or put in', () => {
    const records = chain(12);
    for (const [index, record] of records.entries()) {
      const removed = verifyChain(records.toSpliced(index, 1), { ...bounds, until: headOf(records, 11) });
      expect(removed).toEqual({ kind: 'removed', seq: record.seq });
      const doubled = verifyChain(records.toSpliced(index, 0, record), bounds);
      expect(doubled).toEqual({ kind: 'added', seq: record.seq });
      const foreign = rehashed(record, { stream: 'other' });
      expect(verifyChain(records.toSpliced(index, 0, foreign), bounds)).toEqual({
        kind: 'added',
        seq: record.seq,
      });
    }
    for (const [index, record] of records.slice(0, -1).entries()) {
      const next = records[index + 1];
      const swapped = next === undefined ? records : records.with(index, next).with(index + 1, record);
      expect(verifyChain(swapped, bounds)).toEqual({ kind: 'reordered', seq: record.seq });
    }
  });

  it('notices a cut end, an invented end and another end when the checkpoint is known', () => {
    const records = chain(5);
    const until = headOf(records, 3);
    expect(verifyChain(records.slice(0, 3), { ...bounds, until })).toEqual({ kind: 'removed', seq: 4 });
    expect(verifyChain(records, { ...bounds, until })).toEqual({ kind: 'added', seq: 5 });
    const other = { seq: 5, hash: chainGenesis.hash };
    expect(verifyChain(records, { ...bounds, until: other })).toEqual({ kind: 'changed', seq: 5 });
  });
});

function headOf(records: readonly AuditRecord[], index: number): ChainHead {
  const record = records[index];
  if (record === undefined) throw new RangeError('no such record');
  return { seq: record.seq, hash: record.hash };
}

describe('canonicalEvent', () => {
  it('equals the slow way, whatever the order and whatever the events before it looked like', () => {
    const events: { kind: string; [key: string]: unknown }[] = [
      { kind: 'x', a: 1, b: [{ x: null, y: 'é\u0000"\\' }], c: { d: 1e21, e: -0 } },
      { kind: 'x', b: 1, a: 2, c: 3 },
      { kind: 'x', b: 1, a: 2 },
      { kind: 'x', a: { z: 1, y: 2 }, b: 0 },
      { kind: 'x', z: 1, b: 2 },
      { kind: 'x', 10: 'a', 9: 'b' },
      { kind: 'x', 10: 'c', 9: 'd' },
      { kind: 'x', a: undefined, b: 1 },
      { kind: 'x' },
    ];
    for (const event of [...events, ...events.toReversed()])
      expect(canonicalEvent(event)).toBe(canonicalJson(event));
  });

  it('refuses what JSON cannot hold', () => {
    for (const value of ['\ud800', Number.NaN, 1n, { a: Infinity }]) {
      expect(() => canonicalEvent({ kind: 'x', value })).toThrow(TypeError);
    }
  });
});

describe('audit events', () => {
  it('are checked, and belong to a class', () => {
    expect(auditEventSchema.safeParse(completed(1)).success).toBe(true);
    expect(auditEventSchema.safeParse({ ...completed(1), parameters: ['secret'] }).success).toBe(false);
    expect(auditClassOf('alarm')).toBe('statements');
    expect(auditClassOf('session.refused')).toBe('connections');
  });

  it('hold a statement up to the ceiling, cut between characters and well-formed', () => {
    expect(boundStatementText('select 1')).toEqual({ text: 'select 1', truncated: false });
    const long = boundStatementText(`${'x'.repeat(maxStatementText - 1)}\u{1f600}rest`);
    expect(long).toEqual({ text: 'x'.repeat(maxStatementText - 1), truncated: true });
    expect(boundStatementText('a\ud800b').text).toBe('a\ufffdb');
  });
});
