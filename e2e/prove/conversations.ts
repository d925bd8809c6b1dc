/**
 * Conversations at random, held with the agent and with a server that stands alone beside it: the answers must be the
 * same messages in the same order, and must be answers at all by the protocol's own state machine.
 */
import { encodeCopyFail } from '@daam/shared/pgwire/copy-fail';
import { encodeQuery } from '@daam/shared/pgwire/query';
import { encodeSync } from '@daam/shared/pgwire/sync';
import { type TestRandom, testRandom } from '@daam/shared/testing/random';
import { WireClient } from '../fixtures/wire.ts';
import { answersOf, difference } from './conversation/answers.ts';
import { violationOf } from './conversation/model.ts';
import { conversation, type Step } from './conversation/steps.ts';
import { execute, rowsOf, startGuardedShop } from './guarded/guarded-shop.ts';
import type { Finding, Part } from './part.ts';
import { provenAttacks, tryAttacks } from './protocol-attacks.ts';

const rounds = { quick: 40, full: 1_500 };
const maxSteps = 14;
/** A conversation that is not over by then hangs. */
const hangMs = 15_000;

/**
 * What conversations change, made the same again. One that was given up half-way may have done it on one side alone, and would be seen
 * in a later one.
 */
const evenOut = `
  DELETE FROM order_items WHERE order_id = 1 AND line >= 90;
  UPDATE orders SET status = 'paid' WHERE status <> 'paid';`;

export const conversations: Part = {
  name: 'conversations',
  about:
    'random protocol conversations with the agent and the server alone; known attacks on poolers and drivers',
  runs: 'major',
  run: async ({ major, folder, isQuick, seed, log }) => {
    // The same shop, which nobody guards: what is written here and there is the same.
    await using shop = await startGuardedShop({ major, folder, copies: ['shop_alone'] });
    const alone = shop.server.dsn('shop_alone');
    const count = isQuick ? rounds.quick : rounds.full;
    log(`seeds ${seed} to ${seed + count - 1}`);
    const findings: Finding[] = [];
    let explained = 0;
    for (let round = 0; round < count; round += 1) {
      const outcome = await holdBoth(shop.dsn, alone, seed + round);
      if (outcome === 'explained') {
        explained += 1;
        for (const dsn of [shop.server.dsn('shop'), alone]) await execute(dsn, evenOut);
      } else if (outcome !== null) findings.push(outcome);
    }
    const attacks = await tryAttacks(shop);
    const lives = await rowsOf(shop.dsn, 'SELECT 1 AS one');
    if (lives.length !== 1) findings.push(broken('after all', 'the agent does not answer'));
    return {
      counts: [
        {
          name: 'B10 random conversations',
          cases: count,
          failed: findings.length,
          note: `${explained} explained: ended at a message that breaks a COPY, or a cursor in a pipeline`,
        },
        { name: 'B10 known protocol attacks', cases: provenAttacks, failed: attacks.length },
      ],
      findings: [...findings, ...attacks],
    };
  },
};

/**
 * From PostgreSQL 18 on, a pipeline is a transaction block behind its first Execute. Where the agent has to run one of its own in
 * the middle of a pipeline, a cursor without WITH HOLD is made there, and gone at Sync, instead of being refused.
 */
const cursorInPipeline = 'commandComplete DECLARE CURSOR instead of errorResponse ERROR 25P01';

/** Both hung up, and one said less before: a server that closes over unread messages resets the connection, answers and all. */
function isCutShort(got: Held, wanted: Held): boolean {
  const both = [got, wanted].toSorted((a, b) => a.answers.length - b.answers.length);
  const [less, more] = both.map(({ answers }) => answers) as [readonly string[], readonly string[]];
  const haveClosed = both.every(({ end }) => end === 'closed');
  return haveClosed && less.length < more.length && less.every((answer, at) => answer === more[at]);
}

/** Holds one conversation with both; null when the answers were the same. */
async function holdBoth(
  agentDsn: string,
  aloneDsn: string,
  seed: number,
): Promise<Finding | 'explained' | null> {
  const random = testRandom(seed);
  const steps = conversation(random, 1 + random.int(maxSteps));
  const wanted = await hold(aloneDsn, steps, { side: 'server', random: testRandom(seed) });
  const got = await hold(agentDsn, steps, { side: 'agent', random: testRandom(seed) });
  const what = `seed ${seed}: ${steps.map(({ label }) => label).join(' · ')}`;
  // A message that has no place within COPY data: the agent ends the session, PostgreSQL the statement.
  const breaksCopy = wanted.answers.some((answer) => answer.endsWith('08P01'));
  if (got.end === 'closed' && breaksCopy) return 'explained';
  if (got.end !== wanted.end)
    return broken(what, `${got.end}, the server alone: ${wanted.end}; ${got.answers.join(' · ')}`);
  const differs = difference(got.answers, wanted.answers);
  if (differs?.includes(cursorInPipeline) === true || isCutShort(got, wanted)) return 'explained';
  if (differs !== null) return { kind: 'refusal', name: 'B10 random conversations', what, seen: differs };
  const names = got.answers.map((answer) => answer.split(' ')[0] ?? '');
  const violation = breaksCopy ? null : violationOf([...steps.map(({ sent }) => sent), ...tailSent], names);
  return violation === null ? null : broken(what, `against the model: ${violation}`);
}

function broken(what: string, seen: string): Finding {
  return { kind: 'broken', name: 'B10 random conversations', what, seen };
}

/** Whatever state the conversation left: COPY is given up, the skipping ends, the transaction too. */
const tail = [
  encodeCopyFail({ reason: 'the end' }),
  encodeSync(),
  encodeQuery({ sql: 'ROLLBACK' }),
  encodeQuery({ sql: `SELECT 'the end' AS the_end` }),
];
const tailSent = ['copy-end', 'sync', 'query', 'query'] as const;
const lastTag = 'the_end';

interface Held {
  readonly end: 'answered' | 'closed' | 'hangs';
  readonly answers: readonly string[];
}

async function hold(
  dsn: string,
  steps: readonly Step[],
  { side, random }: { readonly side: 'agent' | 'server'; readonly random: TestRandom },
): Promise<Held> {
  await using client = await WireClient.open(dsn);
  const bytes = Buffer.concat([...steps.map((step) => step[side]), ...tail]);
  // In pieces that care for no boundary.
  for (let at = 0; at < bytes.length; ) {
    const size = random.chance(0.5) ? bytes.length : 1 + random.int(90);
    client.send(bytes.subarray(at, at + size));
    at += size;
    if (random.chance(0.3)) await new Promise((resolve) => setImmediate(resolve));
  }
  const isOver = (): boolean => {
    const answers = answersOf(client.frames.slice(-4));
    return (
      answers.at(-1)?.startsWith('readyForQuery') === true && answers.some((line) => line.includes(lastTag))
    );
  };
  const inTime = await client.until(isOver, hangMs);
  const end = client.isClosed ? 'closed' : inTime ? 'answered' : 'hangs';
  return { end, answers: answersOf(client.frames) };
}
