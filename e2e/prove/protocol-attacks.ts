/** What broke poolers, drivers and proxies before (attacks.md, rows 88 to 98), one after the other against the agent. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { encodeBind } from '@daam/shared/pgwire/bind';
import { encodeCancelRequest } from '@daam/shared/pgwire/cancel-request';
import { encodeClose } from '@daam/shared/pgwire/close';
import { encodeCopyData } from '@daam/shared/pgwire/copy-data';
import { encodeCopyDone } from '@daam/shared/pgwire/copy-done';
import { encodeDescribe } from '@daam/shared/pgwire/describe';
import { encodeExecute } from '@daam/shared/pgwire/execute';
import { encodeParse } from '@daam/shared/pgwire/parse';
import { encodeQuery } from '@daam/shared/pgwire/query';
import { encodeSync } from '@daam/shared/pgwire/sync';
import { WireClient } from '../fixtures/wire.ts';
import { answersOf } from './conversation/answers.ts';
import { type GuardedShop, rowsOf } from './guarded/guarded-shop.ts';
import type { Finding } from './part.ts';

interface Attack {
  /** Row of attacks.md and what is done. */
  readonly name: string;
  /** What is wrong with the agent's reaction; null: nothing. */
  readonly run: (shop: GuardedShop) => Promise<string | null>;
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};
const packet = (code: number, rest: Buffer = Buffer.alloc(0)): Buffer =>
  Buffer.concat([int32(8 + rest.length), int32(code), rest]);
const startup = (text: string, version = 0x0003_0000): Buffer => packet(version, Buffer.from(text, 'latin1'));
const usual = 'user\0dev\0database\0shop\0\0';
const readyForQuery = 'Z\0\0\0\u0005';
const sslRequest = packet(80_877_103);
const gssRequest = packet(80_877_104);

/** Sends the first bytes of a connection; what came back when it was closed, or `open` after a moment without that. */
async function knock(
  port: number,
  pieces: readonly Buffer[],
): Promise<{ readonly text: string; readonly isOpen: boolean }> {
  const socket: Socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = once(socket, 'close').then(() => true);
  await once(socket, 'connect');
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const closed = await Promise.race([
    ended,
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 1_500)),
  ]);
  socket.destroy();
  return { text: Buffer.concat(chunks).toString('latin1'), isOpen: !closed };
}

/** The opening must be turned away: the connection ends and no session stood. */
function turnedAway(name: string, pieces: readonly Buffer[]): Attack {
  return {
    name,
    run: async ({ port }) => {
      const { text, isOpen } = await knock(port, pieces);
      if (text.includes(readyForQuery)) return 'a session was opened';
      return isOpen ? 'the connection stays open' : null;
    },
  };
}

/** Bytes within an open session must end it. */
function endsSession(name: string, bytes: Buffer): Attack {
  return {
    name,
    run: async ({ dsn }) => {
      await using client = await WireClient.open(dsn);
      client.send(bytes);
      await client.until(() => client.isClosed, 3_000);
      return client.isClosed ? null : `the session goes on: ${answersOf(client.frames).join(' · ')}`;
    },
  };
}

/** The answers to a conversation, in order; `E` stands for any error. */
function answers(name: string, bytes: readonly Buffer[], ready: number, wanted: readonly string[]): Attack {
  return {
    name,
    run: async ({ dsn }) => {
      await using client = await WireClient.open(dsn);
      const got = answersOf(await client.ask(Buffer.concat(bytes), ready)).map((line) =>
        line.replace(/^errorResponse ERROR /, 'E '),
      );
      return JSON.stringify(got) === JSON.stringify(wanted) ? null : got.join(' · ');
    },
  };
}

const typed = (type: string, length: number, body: Buffer = Buffer.alloc(0)): Buffer =>
  Buffer.concat([Buffer.from(type), int32(length), body]);
const functionCall = typed(
  'F',
  4 + 4 + 2 + 2 + 2,
  Buffer.concat([int32(2_100), Buffer.from([0, 0, 0, 0, 0, 0])]),
);
const bindTo = (statement: string, portal = ''): Buffer =>
  encodeBind({ portal, statement, parameterFormats: [], parameters: [], resultFormats: [] });
const run = encodeExecute({ portal: '', maxRows: 0 });
const sync = encodeSync();
const prepare = (name: string, sql: string): Buffer => encodeParse({ name, sql, parameterTypes: [] });

const attacks: readonly Attack[] = [
  answers('88 FunctionCall', [functionCall], 1, ['E 0A000', 'readyForQuery I']),
  answers(
    '88 FunctionCall in a failed transaction',
    [encodeQuery({ sql: 'BEGIN; SELECT 1/0' }), functionCall],
    2,
    ['commandComplete BEGIN', 'E 22012', 'readyForQuery E', 'E 0A000', 'readyForQuery E'],
  ),
  ...[0, 1, 2, 3, 0x8000_0000, 0xffff_ffff, 0x7fff_ffff, 0x1000_0000].map((length) =>
    endsSession(`89 Query with length ${length}`, typed('Q', length)),
  ),
  endsSession('89 Sync that is too long', typed('S', 400, Buffer.alloc(396))),
  endsSession('89 unknown message type', typed('@', 4)),
  answers(
    '89 Bind that counts more parameters than it holds',
    [prepare('', 'SELECT 1'), typed('B', 4 + 6, Buffer.from([0, 0, 0, 0, 255, 255])), sync],
    1,
    ['parseComplete', 'E 08P01', 'readyForQuery I'],
  ),
  endsSession('89 Parse without terminators', typed('P', 4 + 3, Buffer.from('abc'))),
  turnedAway('90 bytes stuffed behind SSLRequest', [Buffer.concat([sslRequest, startup(usual)])]),
  turnedAway('90 bytes stuffed behind GSSENCRequest', [Buffer.concat([gssRequest, startup(usual)])]),
  turnedAway('90 SSLRequest twice', [sslRequest, sslRequest, startup(usual)]),
  turnedAway('90 direct TLS', [Buffer.from('16030100c8010000c40303', 'hex')]),
  turnedAway('90 SSLRequest that holds more', [packet(80_877_103, Buffer.from('more'))]),
  endsSession('91 a second StartupMessage', startup(usual)),
  turnedAway('91 empty option name', [startup('user\0dev\0\0database\0shop\0\0')]),
  turnedAway('91 a parameter twice', [startup('user\0dev\0user\0postgres\0database\0shop\0\0')]),
  turnedAway('91 start-up without its end', [startup('user\0dev\0database\0shop')]),
  turnedAway('91 start-up packet above the limit', [Buffer.concat([int32(20_000), int32(0x0003_0000)])]),
  turnedAway('91 start-up packet of length 4', [int32(4)]),
  turnedAway('91 protocol 2', [startup(usual, 0x0002_0000)]),
  turnedAway('91 replication', [startup('user\0dev\0database\0shop\0replication\0database\0\0')]),
  turnedAway('91 options that switch quoting', [
    startup('user\0dev\0database\0shop\0options\0-c standard_conforming_strings=off\0\0'),
  ]),
  {
    name: '92 protocol 3.9999 and unknown extensions are negotiated down',
    run: async ({ port }) => {
      const { text, isOpen } = await knock(port, [startup(`_pq_.made_up\0on\0${usual}`, 0x0003_270f)]);
      if (!isOpen || !text.includes(readyForQuery)) return 'no session';
      return text.startsWith('v') ? null : 'no NegotiateProtocolVersion';
    },
  },
  {
    name: '93 CancelRequests with guessed keys',
    run: async ({ dsn, port }) => {
      await using client = await WireClient.open(dsn);
      const { pid, secret } = client.cancelKey;
      const done = client.ask(encodeQuery({ sql: 'SELECT pg_sleep(0.6)' }));
      for (const guess of [secret ^ 1, 0, secret + 1]) {
        const bytes = Buffer.alloc(4);
        bytes.writeInt32BE(guess | 0);
        await knock(port, [encodeCancelRequest({ pid, secret: bytes })]);
      }
      return answersOf(await done).some((line) => line.startsWith('errorResponse')) ? 'cancelled' : null;
    },
  },
  answers(
    '94 Parse under a name again after Close',
    [
      prepare('s', 'SELECT 1 AS first'),
      encodeClose({ target: 'statement', name: 's' }),
      prepare('s', 'SELECT 2 AS second'),
      encodeDescribe({ target: 'statement', name: 's' }),
      bindTo('s'),
      run,
      sync,
    ],
    1,
    [
      'parseComplete',
      'closeComplete',
      'parseComplete',
      'parameterDescription 0000',
      'rowDescription second:0',
      'bindComplete',
      'dataRow 1',
      'commandComplete SELECT 1',
      'readyForQuery I',
    ],
  ),
  answers(
    '94 Parse under a name that is taken',
    [prepare('t', 'SELECT 1'), prepare('t', 'SELECT 2'), sync],
    1,
    ['parseComplete', 'E 42P05', 'readyForQuery I'],
  ),
  answers(
    '94 the skipping ends at Sync, not before',
    [prepare('', 'nonsense'), bindTo(''), run, encodeQuery({ sql: 'SELECT 1' }), sync],
    1,
    ['E 42601', 'readyForQuery I'],
  ),
  answers(
    '95 COPY messages that no COPY waits for',
    [encodeCopyData(Buffer.from('x')), encodeCopyDone(), sync],
    1,
    ['readyForQuery I'],
  ),
  {
    name: '96 a declared type cannot change what a function is',
    run: async ({ dsn }) => {
      await using client = await WireClient.open(dsn);
      const varchar = 1_043;
      const bytes = [
        encodeParse({
          name: '',
          sql: 'SELECT lower($1), email FROM customers WHERE id = 1',
          parameterTypes: [varchar],
        }),
        encodeBind({
          portal: '',
          statement: '',
          parameterFormats: [],
          parameters: [Buffer.from('A')],
          resultFormats: [],
        }),
        run,
        sync,
      ];
      const got = answersOf(await client.ask(Buffer.concat(bytes)));
      return got.includes('commandComplete SELECT 1') ? null : got.join(' · ');
    },
  },
  {
    name: '98 more portals than anyone needs are refused, and the session lives',
    run: async ({ dsn }) => {
      await using client = await WireClient.open(dsn);
      const many = Array.from({ length: 10_050 }, (_, at) => bindTo('p', `portal ${at}`));
      const got = answersOf(await client.ask(Buffer.concat([prepare('p', 'SELECT 1'), ...many, sync])));
      const after = answersOf(await client.ask(encodeQuery({ sql: 'SELECT 1' })));
      return after.includes('commandComplete SELECT 1')
        ? null
        : `${got.slice(-3).join(' · ')} then ${after.join(' · ')}`;
    },
  },
];

/** How many there are. */
export const provenAttacks = attacks.length;

/** Every attack; after each the agent must still serve. */
export async function tryAttacks(shop: GuardedShop): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { name, run: attempt } of attacks) {
    const seen =
      (await attempt(shop)) ?? ((await isServing(shop)) ? null : 'the agent does not answer any more');
    if (seen !== null)
      findings.push({ kind: 'broken', name: 'B10 known protocol attacks', what: name, seen });
  }
  return findings;
}

async function isServing({ dsn }: GuardedShop): Promise<boolean> {
  return await rowsOf(dsn, 'SELECT 1 AS one').then(
    (rows) => rows.length === 1,
    () => false,
  );
}
