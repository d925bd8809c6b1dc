import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../testing/code-of.ts';
import { codecs } from '../testing/pgwire-codecs.ts';
import { testRandom } from '../testing/random.ts';
import { mutated, randomBytes, randomPieces } from '../testing/random-bytes.ts';
import { BackendScanner } from './backend-scanner.ts';
import { FrameReader } from './frame-reader.ts';
import { backendType, frontendType, type Side } from './message-types.ts';
import { decodeStartupPacket } from './startup-packet.ts';
import { StartupReader } from './startup-reader.ts';
import { traceFrame, traceStartupPacket } from './trace.ts';

interface Golden {
  /** The trace with values shown. */
  readonly line: string;
  readonly side: Side;
  readonly isStartup: boolean;
  readonly bytes: Buffer;
}

const shown = { showValues: true };
const startupLine = /^F (SSLRequest|GSSENCRequest|CancelRequest|StartupMessage)/;

/** A file of golden/: a trace line, then the message's bytes in hexadecimal, indented. */
function readGolden(major: number): Golden[] {
  const text = readFileSync(new URL(`golden/server-${major}.txt`, import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const messages: Golden[] = [];
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const line = lines[i] ?? '';
    const side = line.startsWith('F') ? 'frontend' : 'backend';
    messages.push({
      line,
      side,
      isStartup: startupLine.test(line),
      bytes: Buffer.from(lines[i + 1]?.trim() ?? '', 'hex'),
    });
  }
  return messages;
}

const captured = [13, 18].flatMap(readGolden);
const typed = captured.filter((message) => !message.isStartup);
const streamOf = (side: Side): Buffer =>
  Buffer.concat(typed.filter((message) => message.side === side).map((message) => message.bytes));

function typeName(message: Golden): string {
  return `${message.side} ${message.bytes[0]}`;
}

/** Decodes a body and checks that what came out survives another round. Returns the AppError's code, if any. */
function decodeTwice(side: Side, type: number, body: Buffer): string | null {
  const codec = codecs[side].get(type);
  if (codec === undefined) throw new Error('no codec');
  let first: unknown;
  const code = codeOf(() => {
    first = codec.decode(body);
  });
  if (code !== null) return code;
  const again = codeOf(() => {
    expect(codec.decode(codec.roundTrip(body).subarray(5))).toEqual(first);
  });
  // A text that is cut within a character may hold U+FFFD now, or a zero that no text may hold.
  expect([null, 'INVALID_INPUT']).toContain(again);
  return null;
}

describe('messages captured from real clients and servers', () => {
  it('are plenty, and of most types', () => {
    expect(captured.length).toBeGreaterThan(380);
    expect(new Set(typed.map(typeName)).size).toBeGreaterThan(30);
    expect(captured.filter((message) => message.isStartup).length).toBeGreaterThanOrEqual(6);
  });

  it('are read as what they are', () => {
    for (const { line, side, isStartup, bytes } of captured) {
      const frame = { type: bytes[0] ?? 0, bytes, body: bytes.subarray(5) };
      expect(isStartup ? traceStartupPacket(bytes, shown) : traceFrame(side, frame, shown)).toBe(line);
    }
  });

  it('come back to the byte when they are decoded and encoded', () => {
    for (const { side, bytes } of typed) {
      expect(codecs[side].get(bytes[0] ?? 0)?.roundTrip(bytes.subarray(5))).toEqual(bytes);
    }
  });

  it('are cut into the same frames however the network delivers them', () => {
    const random = testRandom(5);
    for (const side of ['frontend', 'backend'] as const) {
      for (let round = 0; round < 20; round += 1) {
        const reader = new FrameReader({ side, maxFrameBytes: 65_536 });
        const found: Buffer[] = [];
        for (const piece of randomPieces(random, streamOf(side), 300)) {
          reader.push(piece);
          for (let frame = reader.next(); frame !== null; frame = reader.next()) found.push(frame.bytes);
        }
        expect(found).toEqual(
          typed.filter((message) => message.side === side).map((message) => message.bytes),
        );
      }
    }
  });

  it('pass the scanner unchanged however the network delivers them', () => {
    const random = testRandom(6);
    const rows = typed.filter(
      (message) => message.side === 'backend' && message.bytes[0] === backendType.dataRow,
    );
    for (let round = 0; round < 20; round += 1) {
      const scanner = new BackendScanner({ maxFrameBytes: 65_536 });
      const found: Buffer[] = [];
      let counted = 0;
      for (const piece of randomPieces(random, streamOf('backend'), 300)) {
        scanner.push(piece);
        while (scanner.advance()) {
          found.push(scanner.buffer.subarray(scanner.start, scanner.end));
          if (scanner.type === backendType.dataRow) counted += scanner.completed;
        }
      }
      expect(Buffer.concat(found)).toEqual(streamOf('backend'));
      expect(counted).toBe(rows.length);
    }
  });
});

/** Their bodies are any bytes at all, so a shorter one is as good. */
const shapeless: ReadonlySet<string> = new Set([
  `frontend ${frontendType.password}`,
  `frontend ${frontendType.copyData}`,
  `backend ${backendType.copyData}`,
]);
/** Their last field runs to the end, so that some shorter ones are well-formed: another key, another SASL message. */
const openEnded: ReadonlySet<string> = new Set([
  `backend ${backendType.backendKeyData}`,
  `backend ${backendType.authentication}`,
]);

describe('captured messages that were damaged', () => {
  it('are refused when cut at any byte or followed by another', () => {
    for (const message of typed.filter((one) => !shapeless.has(typeName(one)))) {
      const body = message.bytes.subarray(5);
      const decode = codecs[message.side].get(message.bytes[0] ?? 0)?.decode;
      const longer = Buffer.concat([body, Buffer.from([0])]);
      const damaged = [longer, ...Array.from(body, (_byte, length) => body.subarray(0, length))];
      const codes = new Set(damaged.map((one) => codeOf(() => decode?.(one))));
      const allowed = openEnded.has(typeName(message))
        ? [null, 'PROTOCOL_VIOLATION']
        : ['PROTOCOL_VIOLATION'];
      expect([...codes].filter((code) => !allowed.includes(code))).toEqual([]);
    }
  });

  it('as start-up packets are refused when cut at any byte', () => {
    for (const { bytes } of captured.filter((message) => message.isStartup)) {
      for (let length = 0; length < bytes.length; length += 1) {
        const reader = new StartupReader();
        reader.push(bytes.subarray(0, length));
        expect(reader.next()).toBeNull();
        // A length word that agrees with the cut: only what still is a whole message may pass.
        const cut = Buffer.from(bytes.subarray(0, length));
        if (length >= 8) cut.writeInt32BE(length, 0);
        const isShorterKey = bytes.readInt32BE(4) === 80_877_102 && length >= 16;
        expect(codeOf(() => decodeStartupPacket(cut))).toBe(isShorterKey ? null : 'PROTOCOL_VIOLATION');
      }
    }
  });

  it('by chance give a message that encodes well, or an AppError', () => {
    const random = testRandom(7);
    const codes = new Set<string | null>();
    for (let round = 0; round < 20_000; round += 1) {
      const { side, bytes } = random.pick(typed);
      const body = mutated(random, mutated(random, bytes.subarray(5)));
      codes.add(decodeTwice(side, bytes[0] ?? 0, body));
    }
    expect(codes).toEqual(new Set([null, 'INVALID_ENCODING', 'PROTOCOL_VIOLATION']));
  });

  it('by chance as start-up packets give a packet or an AppError', () => {
    const random = testRandom(8);
    const packets = captured.filter((message) => message.isStartup);
    const codes = new Set<string | null>();
    for (let round = 0; round < 10_000; round += 1) {
      const bytes = mutated(random, mutated(random, random.pick(packets).bytes));
      codes.add(
        codeOf(() => {
          const reader = new StartupReader();
          reader.push(bytes);
          const packet = reader.next();
          if (packet !== null) decodeStartupPacket(packet);
        }),
      );
    }
    const allowed = [null, 'PROTOCOL_VIOLATION', 'FRAME_TOO_LARGE', 'UNSUPPORTED', 'INVALID_ENCODING'];
    expect([...codes].every((code) => allowed.includes(code))).toBe(true);
    expect(codes.size).toBeGreaterThan(3);
  });

  it('never make the trace throw', () => {
    const random = testRandom(9);
    for (let round = 0; round < 5_000; round += 1) {
      const { side, bytes } = random.pick(typed);
      const body =
        random.int(3) === 0 ? randomBytes(random, random.int(60)) : mutated(random, bytes.subarray(5));
      const line = traceFrame(side, { type: bytes[0] ?? 0, bytes, body }, shown);
      expect(line).toMatch(/^[FB] [A-Z][^\p{Cc}\u2028-\u202e]*$/u);
      expect(traceStartupPacket(randomBytes(random, random.int(40)), shown)).toMatch(/^F /);
    }
  });
});
