import { describe, expect, it } from 'vitest';
import { generateSigningKey, keyId } from '../identity/keys.ts';
import { type AuditRecord, auditRecordSchema, chainGenesis, recordHash, sealRecord } from './chain.ts';
import { ExportWriter } from './export-writer.ts';
import { PurgeDigest, purgedRanges } from './purge.ts';
import { type Checkpoint, signClaims } from './signature.ts';
import { type ExportFault, ExportVerifier, type ExportVerifierOptions } from './verify-export.ts';

const org = '00000000-0000-4000-8000-000000000001';
const exportId = '00000000-0000-4000-8000-000000000002';
const purgeId = '00000000-0000-4000-8000-000000000009';
const first = '00000000-0000-4000-8000-00000000000a';
const second = '00000000-0000-4000-8000-00000000000b';
const key = generateSigningKey();

function chain(stream: string, length: number): AuditRecord[] {
  let head = chainGenesis;
  return Array.from({ length }, (_, index) => {
    const event = { kind: 'statement', session: 's1', text: `select ${index} -- é\u0000`, user: 'u1' };
    const sealed = sealRecord({ stream, head }, 1_800_000_000_000 + index, event);
    head = sealed.head;
    return auditRecordSchema.parse(JSON.parse(sealed.text));
  });
}

const chains: Record<string, readonly AuditRecord[]> = {
  [first]: chain(first, 12),
  [second]: chain(second, 5),
};

interface Plan {
  readonly chains?: Record<string, readonly AuditRecord[]>;
  readonly complete?: boolean;
  /** Purges every such record of each chain. */
  readonly purge?: (record: AuditRecord) => boolean;
  readonly signer?: typeof key;
}

/** An export as the control plane writes it. */
function exported({
  chains: from = chains,
  complete = true,
  purge = () => false,
  signer = key,
}: Plan = {}): string[] {
  const writer = new ExportWriter({
    org,
    export: exportId,
    sign: (claims) => signClaims('seal', claims, signer),
  });
  const texts: string[] = [
    writer.item({
      type: 'header',
      at: 5,
      export: exportId,
      filter: {},
      format: 'daam-audit-export',
      keys: [signer.publicKey],
      org,
      organization: 'Example',
      version: 1,
    }),
  ];
  for (const [stream, records] of Object.entries(from)) {
    const last = records.at(-1);
    const head = { seq: last?.seq ?? 0, hash: last?.hash ?? chainGenesis.hash };
    texts.push(writer.item({ type: 'stream', complete, label: 'shop', stream, until: head }));
    const ranges = purgedRanges(records.filter(purge));
    if (ranges.length > 0) texts.push(writer.item({ type: 'purge', ...purgeOf(stream, ranges, signer) }));
    for (const record of records) {
      const range = ranges.find(({ first: from }) => from === record.seq);
      if (range !== undefined) texts.push(writer.item({ type: 'purged', purge: purgeId, ...range }));
      else if (!purge(record)) texts.push(writer.record(record));
    }
    const claims = { at: 6, org, stream, ...head };
    if (complete)
      texts.push(writer.item({ type: 'checkpoint', ...signClaims('checkpoint', claims, signer) }));
  }
  texts.push(writer.end());
  return texts.join('').split('\n').slice(0, -1);
}

function purgeOf(stream: string, ranges: ReturnType<typeof purgedRanges>, signer: typeof key) {
  const digest = new PurgeDigest();
  for (const range of ranges) digest.add(range);
  const claims = {
    at: 7,
    before: 6,
    class: 'statements' as const,
    digest: '',
    first: ranges[0]?.first ?? 0,
    id: purgeId,
    last: digest.last,
    org,
    records: digest.records,
    stream,
  };
  return signClaims('purge', { ...claims, digest: digest.digest() }, signer);
}

function verify(lines: readonly (string | Buffer)[], options: Partial<ExportVerifierOptions> = {}) {
  const verifier = new ExportVerifier({ trusted: [key.kid], ...options });
  for (const line of lines) verifier.push(typeof line === 'string' ? Buffer.from(line) : line);
  return verifier.finish();
}

function faultOf(lines: readonly string[], options: Partial<ExportVerifierOptions> = {}): ExportFault {
  const verdict = verify(lines, options);
  if (verdict.kind === 'ok') throw new Error('it verified');
  return verdict.fault;
}

/** Renumbers lines after something was moved, as an attacker who has not the key would. */
function renumbered(lines: readonly string[]): string[] {
  return lines.map((line, index) => line.replace(/^\{"line":\d+,/, `{"line":${index + 1},`));
}

describe('an export', () => {
  it('verifies with the id of the key alone, and says what it holds', () => {
    expect(verify(exported())).toMatchObject({
      kind: 'ok',
      summary: {
        org,
        lines: 26,
        records: 17,
        purged: 0,
        keys: [key.kid],
        keysFrom: 'caller',
        streams: [
          { stream: first, complete: true, records: 12 },
          { stream: second, records: 5 },
        ],
      },
    });
    expect(verify(exported(), { trusted: null })).toMatchObject({
      kind: 'ok',
      summary: { keysFrom: 'file' },
    });
    expect(verify(exported({ chains: {} }))).toMatchObject({ kind: 'ok', summary: { records: 0 } });
  });

  it('is sealed every thousand lines, and at the end', () => {
    const lines = exported({ chains: { [first]: chain(first, 2_500) } });
    expect(lines.filter((line) => line.includes('"type":"seal"'))).toHaveLength(5);
    expect(verify(lines)).toMatchObject({ kind: 'ok' });
  });

  it('is trusted for nobody else’s key', () => {
    const other = generateSigningKey();
    expect(faultOf(exported({ signer: other }))).toMatchObject({ kind: 'untrusted', line: 1 });
    expect(faultOf(exported(), { trusted: [other.publicKey] })).toMatchObject({ kind: 'untrusted' });
    const keyChanged = exported().map((line) =>
      line.replaceAll(`"x":"${key.publicKey.x}"`, `"x":"${other.publicKey.x}"`),
    );
    expect(faultOf(keyChanged)).toMatchObject({ kind: 'untrusted', line: 1 });
  });

  it('names the line of which any byte was flipped', () => {
    const lines = exported({ chains: { [first]: chain(first, 3) } });
    const bits = [1, 32];
    const missed = lines.flatMap((line, index) =>
      Array.from(Buffer.from(line), (_, at) => at)
        .filter((at) => at % 2 === index % 2)
        .filter((at) => {
          const flipped = Buffer.from(line);
          flipped[at] = (flipped[at] ?? 0) ^ (bits[at % 4 < 2 ? 0 : 1] ?? 1);
          const verdict = verify(lines.map((each, number) => (number === index ? flipped : each)));
          if (verdict.kind === 'ok') return true;
          return verdict.fault.fromLine > index + 1 || verdict.fault.line < index;
        })
        .map((at) => `byte ${at} of ${line}`),
    );
    expect(missed).toEqual([]);
  });

  it('names the record of which a byte was flipped, by line and sequence number', () => {
    const lines = exported();
    const index = lines.findIndex((line) => line.includes('"seq":4,'));
    const changed = lines.with(index, (lines[index] ?? '').replace('select 3', 'select 4'));
    expect(faultOf(changed)).toMatchObject({ kind: 'changed', line: index + 1, seq: 4, stream: first });
  });

  it('names each line that was removed', () => {
    const lines = exported();
    for (const index of lines.keys()) {
      expect(faultOf(lines.toSpliced(index, 1))).toMatchObject({
        kind: 'removed',
        line: index + 1,
      });
    }
    for (let seq = 1; seq <= 12; seq += 1) {
      const index = lines.findIndex((line) => line.includes(`"seq":${seq},`) && line.includes('record'));
      expect(faultOf(lines.toSpliced(index, 1))).toMatchObject({ kind: 'removed', seq, stream: first });
      expect(faultOf(renumbered(lines.toSpliced(index, 1)))).toMatchObject({
        kind: 'removed',
        seq,
        stream: first,
      });
    }
  });

  it('names each two lines that were swapped, renumbered or not', () => {
    const lines = exported();
    for (let index = 0; index < lines.length - 1; index += 1) {
      const [one = '', two = ''] = lines.slice(index, index + 2);
      const swapped = lines.with(index, two).with(index + 1, one);
      expect(faultOf(swapped)).toMatchObject({ kind: 'reordered', line: index + 1 });
      const hidden = faultOf(renumbered(swapped));
      expect(hidden.fromLine).toBeLessThanOrEqual(index + 2);
      const isRecords = [one, two].every((line) => line.includes('"type":"record"'));
      expect(isRecords ? hidden.kind : 'reordered').toBe('reordered');
    }
    const moved = lines.toSpliced(5, 1).toSpliced(9, 0, lines[5] ?? '');
    expect(faultOf(moved)).toMatchObject({ kind: 'reordered', line: 6, seq: 2 });
  });

  it('names each line that was put in or appended', () => {
    const lines = exported();
    const foreign = exported({ chains: { [first]: chain(first, 3) } })[2] ?? '';
    for (let index = 1; index <= lines.length; index += 1) {
      for (const line of [lines[index - 1] ?? '', foreign, 'x', '{}', '']) {
        const kind = faultOf(lines.toSpliced(index, 0, line));
        expect(['added', 'reordered', 'changed']).toContain(kind.kind);
        expect([index + 1, index + 2]).toContain(kind.line);
      }
    }
    expect(faultOf([...lines, lines.at(-1) ?? ''])).toMatchObject({ kind: 'added', line: 27 });
    expect(faultOf([...lines, ''])).toMatchObject({ kind: 'added', line: 27 });
  });

  it('names the end when it was cut off anywhere', () => {
    const lines = exported();
    for (let length = 0; length < lines.length; length += 1)
      expect(faultOf(lines.slice(0, length))).toMatchObject({ kind: 'removed', line: length + 1 });
  });

  it('finds what was written anew without the key, hash and all', () => {
    const forged = chain(first, 12).map((record) => ({ ...record }));
    const fourth = forged[3];
    if (fourth === undefined) throw new RangeError('no such record');
    fourth.at += 1;
    fourth.hash = recordHash(fourth);
    const lines = exported({ chains: { [first]: forged, [second]: chains[second] ?? [] } });
    expect(faultOf(lines)).toMatchObject({ kind: 'changed', line: 8, seq: 4 });
  });

  it('of a part is verified line by line, though nothing chains its records', () => {
    const part = { [first]: (chains[first] ?? []).filter(({ seq }) => seq % 3 === 0) };
    const lines = exported({ chains: part, complete: false });
    expect(verify(lines)).toMatchObject({
      kind: 'ok',
      summary: { streams: [{ complete: false, records: 4 }] },
    });
    expect(faultOf(lines.toSpliced(4, 1))).toMatchObject({ kind: 'removed', line: 5 });
    expect(faultOf(renumbered(lines.toSpliced(4, 1)))).toMatchObject({
      kind: 'changed',
      fromLine: 5,
      line: 8,
    });
  });

  it('holds nothing that the lines before it did not begin', () => {
    const lines = exported();
    expect(faultOf(['', ...lines])).toMatchObject({ line: 1 });
    expect(faultOf([])).toMatchObject({ kind: 'removed', line: 1 });
    const withoutStream = renumbered(lines.toSpliced(2, 1));
    expect(faultOf(withoutStream)).toMatchObject({ line: 3 });
  });
});

describe('a file that is no export', () => {
  const lines = exported({ chains: { [first]: chain(first, 3) } });

  it('is a fault and never an exception, whatever is in it', () => {
    const random = randomOf(11);
    for (let round = 0; round < 300; round += 1) {
      const verifier = new ExportVerifier({ trusted: null });
      const count = random(6);
      for (let at = 0; at < count; at += 1) {
        const source = Buffer.from(lines[random(lines.length)] ?? '');
        const cut = source.subarray(random(source.length), random(source.length));
        const piece =
          random(3) === 0 ? Buffer.from(Array.from({ length: random(40) }, () => random(256))) : cut;
        verifier.push(random(2) === 0 ? source : piece);
      }
      expect(verifier.finish().kind).toBe('fault');
    }
  });

  it('may nest as deep as it likes, and bring keys that are none', () => {
    const deep = lines.map((line) =>
      line.replace('"text":"select 1', `"deep":${'['.repeat(50_000)}${']'.repeat(50_000)},"text":"select 1`),
    );
    expect(faultOf(deep)).toMatchObject({ kind: 'changed', seq: 2 });
    for (const x of ['A'.repeat(43), '_'.repeat(43), `${'A'.repeat(42)}B`]) {
      const kid = keyId(x);
      const header = (lines[0] ?? '').replace(/"keys":\[.*?\]/, `"keys":[{"kid":"${kid}","x":"${x}"}]`);
      expect(faultOf([header, ...lines.slice(1)], { trusted: [kid] }).kind).toBe('untrusted');
      expect(faultOf([header, ...lines.slice(1)], { trusted: null }).kind).toBe('untrusted');
    }
  });
});

function randomOf(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
}

describe('checkpoints that were kept elsewhere', () => {
  const at = (seq: number, records = chains[first] ?? []): Checkpoint => ({
    at: 1,
    hash: records[seq - 1]?.hash ?? '',
    org,
    seq,
    stream: first,
  });

  it('find a history that the holder of the key wrote anew', () => {
    const rewritten = chain(first, 20)
      .slice(0, 12)
      .map(({ event, ...rest }) => ({ ...rest, event: { ...event, user: 'somebody else' } }));
    let head = chainGenesis;
    const records = rewritten.map((record) => {
      const changed = { ...record, prev: head.hash };
      head = { seq: record.seq, hash: recordHash(changed) };
      return { ...changed, hash: head.hash };
    });
    const lines = exported({ chains: { [first]: records } });
    expect(verify(lines)).toMatchObject({ kind: 'ok' });
    expect(faultOf(lines, { checkpoints: [at(7)] })).toMatchObject({
      kind: 'changed',
      seq: 7,
      stream: first,
    });
  });

  it('find a chain that was cut back, and are counted where they cannot be compared', () => {
    const lines = exported({ chains: { [first]: chain(first, 6) } });
    expect(faultOf(lines, { checkpoints: [at(7)] })).toMatchObject({ kind: 'removed', seq: 7 });
    expect(verify(lines, { checkpoints: [at(6), at(2)] })).toMatchObject({
      kind: 'ok',
      summary: { unseenCheckpoints: 0 },
    });
    const elsewhere = { ...at(3), stream: second };
    expect(verify(lines, { checkpoints: [elsewhere] })).toMatchObject({
      kind: 'ok',
      summary: { unseenCheckpoints: 1 },
    });
  });
});

describe('an export after a purge', () => {
  const purge = ({ seq }: AuditRecord): boolean => seq <= 4 || seq === 6 || seq === 7;
  const lines = exported({ chains: { [first]: chains[first] ?? [] }, purge });

  it('verifies over the gaps, under the signed purge', () => {
    expect(verify(lines)).toMatchObject({
      kind: 'ok',
      summary: { records: 6, purged: 6, streams: [{ head: { seq: 12 } }] },
    });
  });

  it('does not verify when a gap is wider, narrower, elsewhere or of no purge', () => {
    const purgeLine = lines.findIndex((line) => line.includes('"type":"purge"'));
    expect(faultOf(renumbered(lines.toSpliced(purgeLine, 1)))).toMatchObject({ kind: 'removed', seq: 1 });
    const signed = exported({ chains: { [first]: chains[first] ?? [] }, purge: ({ seq }) => seq <= 4 });
    const wider = renumbered([
      ...lines.slice(0, purgeLine),
      signed[purgeLine] ?? '',
      ...lines.slice(purgeLine + 1),
    ]);
    expect(faultOf(wider)).toMatchObject({ kind: 'removed', seq: 6 });
    const gone = exported({
      chains: { [first]: (chains[first] ?? []).filter(({ seq }) => seq !== 9) },
      purge,
    });
    expect(faultOf(gone)).toMatchObject({ kind: 'removed', seq: 9 });
  });

  it('names each line that was changed, removed or swapped', () => {
    for (const [index, line] of lines.entries()) {
      expect(faultOf(lines.toSpliced(index, 1))).toMatchObject({ kind: 'removed', line: index + 1 });
      const broken = lines.with(
        index,
        line.replace(/\d(?=\D*$)/, (digit) => (digit === '0' ? '1' : '0')),
      );
      expect(faultOf(broken).fromLine).toBeLessThanOrEqual(index + 1);
    }
  });
});
