/**
 * Part 1 of the proof: whatever a session says, what comes back is the same, byte for byte, in two databases that differ
 * only in masked values. Generated conversations and a corpus by hand, in both protocols, text and binary.
 */
import { CanaryScan } from './canary-scan.ts';
import { corpus } from './corpus.ts';
import { readSignatures } from './generator/functions.ts';
import { Conversations, inWorld } from './generator/statements.ts';
import { Tally } from './tally.ts';
import type { Part, ProveContext } from './part.ts';
import { findingText } from './report.ts';
import { actText, ruleOf, type Seen, Twins } from './twins.ts';
import type { Act } from './wire.ts';
import type { AgentPair, Worlds } from './worlds.ts';

const conversationLength = 24;
/** The rewriter's own check failed: nobody could say why the statement was refused. */
const unexplained = 'rewrite-verification';
const statements = { quick: 300, whole: 5_200 };

export const twoWorlds: Part = {
  name: 'two-worlds',
  about: 'two databases that differ in masked values cannot be told apart',
  runs: 'major',
  run: async (context) => {
    const worlds = await context.worlds();
    const pair = await worlds.agents();
    const tally = new Tally();
    const scan = new CanaryScan([worlds.a.of, worlds.b.of]);
    const run: Run = { context, worlds, pair, tally, scan };
    for (const { name, acts } of corpus(context.major)) await converse(run, `corpus: ${name}`, acts);
    const functions = await readSignatures(worlds.a.superuserDsn, context.major);
    const conversations = new Conversations({ seed: context.seed, functions });
    const wanted = context.isQuick ? statements.quick : statements.whole;
    for (let said = 0, index = 0; said < wanted; index += 1) {
      const acts = conversations.conversation(index, conversationLength);
      await converse(run, null, acts);
      said += acts.length;
    }
    context.log(`seed ${context.seed}, ${functions.length} signatures, ${tally.statesText()}`);
    return tally.result();
  },
};

interface Run {
  readonly context: ProveContext;
  readonly worlds: Worlds;
  readonly pair: AgentPair;
  readonly tally: Tally;
  readonly scan: CanaryScan;
}

/** One session in each world. A difference ends it: what follows would differ for the same reason. */
async function converse(run: Run, name: string | null, acts: readonly Act[]): Promise<void> {
  const classOf = (act: Act): string => name ?? `generated: ${kindOf(act)}`;
  const first = await untilDifference(run, acts, (act, seen) => {
    run.tally.seen(classOf(act), seen);
    if (ruleOf(seen.a) === unexplained)
      run.tally.found(classOf(act), { kind: 'refusal', what: actText(act), seen: unexplained });
  });
  if (first === null) return;
  // Pages that other statements left untidy make other plans; masked values do not tidy up.
  await run.worlds.settle();
  const again = await untilDifference(run, acts.slice(0, first.at + 1));
  if (again === null) return run.tally.settled();
  await run.worlds.settle();
  const act = acts[again.at];
  const alone = act === undefined ? null : await untilDifference(run, [act]);
  const before = acts.slice(0, again.at).map(actText).join('; ');
  const what = `${act === undefined ? 'the greeting' : actText(act)} (${alone === null ? `after: ${before}` : 'alone'})`;
  const finding = leak(what, (alone ?? again).seen);
  const className = act === undefined ? 'greeting' : classOf(act);
  run.tally.found(className, finding);
  run.context.log(findingText(run.context.major, { name: className, ...finding }));
}

/** The first act whose answers differ or hold a canary; null when none does. */
async function untilDifference(
  { pair, scan, worlds }: Run,
  acts: readonly Act[],
  onSeen: (act: Act, seen: Seen) => void = () => {},
): Promise<{ readonly at: number; readonly seen: Seen } | null> {
  const { twins, seen: greeting } = await Twins.open(pair, scan);
  await using _ends = twins;
  if (isBad(greeting)) return { at: -1, seen: greeting };
  for (const [at, act] of acts.entries()) {
    const seen = await twins.act(inWorld(act, worlds.a.of), inWorld(act, worlds.b.of));
    onSeen(act, seen);
    if (isBad(seen)) return { at, seen };
    if (twins.isClosed) return null;
  }
  return null;
}

function isBad(seen: Seen): boolean {
  return seen.difference !== null || seen.canaries.length > 0;
}

function leak(what: string, seen: Seen) {
  const canaries = seen.canaries.length > 0 ? ` canaries: ${seen.canaries.join(', ')}` : '';
  return { kind: 'leak' as const, what, seen: `${seen.difference ?? ''}${canaries}` };
}

function kindOf(act: Act): string {
  if (act.kind !== 'extended') return 'simple protocol';
  return act.format === 1 ? 'extended protocol, binary' : 'extended protocol, text';
}
