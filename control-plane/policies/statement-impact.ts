import type { StatementImpact } from '@daam/shared/api/policies';
import { type JudgeAnswer, judgeLimits } from '@daam/shared/api/judge';
import { maxExplainedSql } from '@daam/shared/api/explain';
import { toAppError } from '@daam/shared/errors/app-error';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import type { AccessComparer, BothAccesses } from './both-accesses.ts';
import type { ComparedPerson } from './people-impact.ts';
import type { RecordedStatements } from './recorded-statements.ts';
import { type StatementVerdict, verdictOfAgent, verdictOfTables } from './statement-verdict.ts';

/** Has an agent judge statements under two policies. Rejects with an AppError when it cannot. */
export type JudgeStatements = (asked: {
  readonly before: EffectivePolicy;
  readonly after: EffectivePolicy;
  readonly statements: readonly string[];
}) => Promise<JudgeAnswer>;

/** What was recorded, and with whom and what it is judged. */
export interface Replay {
  readonly days: number;
  readonly recorded: {
    readonly kinds: readonly RecordedStatements[];
    readonly since: string | null;
    readonly considered: number;
    readonly isTruncated: boolean;
  };
  readonly people: readonly ComparedPerson[];
  readonly comparer: AccessComparer;
  /** Null: by tables and operations alone. */
  readonly judge: JudgeStatements | null;
  /** Milliseconds that the agent may take for all of them. */
  readonly deadlineMs: number;
}

/** Statements that are shown, and kinds of them that an agent is asked about. */
const maxItems = 200;
const maxAsked = 500;
const shownText = 500;

type Effect = StatementVerdict['effect'];
type JudgedBy = 'agent' | 'tables';

interface Judged {
  readonly recorded: RecordedStatements;
  readonly verdict: StatementVerdict;
  readonly judgedBy: JudgedBy;
}

/**
 * What would have happened to recorded statements. Statements of people whose access stays as it is stay as they are. Of
 * the others the agent judges the text under both policies; where it cannot, tables and operations decide.
 */
export async function findStatementImpact(replay: Replay): Promise<StatementImpact> {
  const { recorded, people, comparer } = replay;
  const byUser = new Map(people.map((compared) => [compared.person.id, compared]));
  const concerned: Concerned[] = [];
  const judged: Judged[] = [];
  for (const kind of recorded.kinds) {
    const compared = kind.user === null ? undefined : byUser.get(kind.user);
    const both = compared === undefined ? null : comparer.compare(compared);
    if (compared !== undefined && both !== null) concerned.push({ recorded: kind, compared, both });
    else judged.push({ recorded: kind, verdict: { effect: 'same', reason: '' }, judgedBy: 'tables' });
  }
  const { verdicts, problem } = await askAgent(replay, concerned);
  for (const each of concerned) {
    const verdict = verdicts.get(each.recorded);
    judged.push({
      recorded: each.recorded,
      verdict: verdict ?? verdictOfTables(each.recorded, each.both),
      judgedBy: verdict === undefined ? 'tables' : 'agent',
    });
  }
  return present(replay, judged, problem);
}

interface Concerned {
  readonly recorded: RecordedStatements;
  readonly compared: ComparedPerson;
  readonly both: BothAccesses;
}

interface AgentVerdicts {
  readonly verdicts: ReadonlyMap<RecordedStatements, StatementVerdict>;
  /** Why some are missing. */
  readonly problem: string | null;
}

async function askAgent(replay: Replay, concerned: readonly Concerned[]): Promise<AgentVerdicts> {
  const { judge } = replay;
  const verdicts = new Map<RecordedStatements, StatementVerdict>();
  if (concerned.length === 0) return { verdicts, problem: null };
  if (judge === null) return { verdicts, problem: 'It was not asked.' };
  const askable = concerned.filter(
    ({ recorded: { text, isCut } }) => !isCut && text.length <= maxExplainedSql,
  );
  const asked = askable.slice(0, maxAsked);
  const until = performance.now() + replay.deadlineMs;
  try {
    for (const batch of batchesOf(asked, replay.comparer)) {
      if (performance.now() > until) return { verdicts, problem: 'There was no time to ask about all.' };
      await judgeBatch(judge, batch, verdicts);
    }
  } catch (thrown) {
    return { verdicts, problem: toAppError(thrown).message };
  }
  const isAll = asked.length === concerned.length;
  return { verdicts, problem: isAll ? null : 'Some texts are too many or too long to ask about.' };
}

/** Statements of people with the same two policies, so many at a time. */
function batchesOf(asked: readonly Concerned[], comparer: AccessComparer): readonly (readonly Concerned[])[] {
  const alike = Map.groupBy(asked, ({ compared }) => comparer.keyOf(compared));
  return [...alike.values()].flatMap((all) => {
    const batches: Concerned[][] = [];
    for (let at = 0; at < all.length; at += judgeLimits.statements) {
      batches.push(all.slice(at, at + judgeLimits.statements));
    }
    return batches;
  });
}

async function judgeBatch(
  judge: JudgeStatements,
  batch: readonly Concerned[],
  verdicts: Map<RecordedStatements, StatementVerdict>,
): Promise<void> {
  const [first] = batch;
  if (first === undefined) return;
  const { before, after } = first.compared;
  const answer = await judge({ before, after, statements: batch.map(({ recorded }) => recorded.text) });
  if (answer.kind === 'failed') return;
  answer.statements.forEach((each, at) => {
    const concerned = batch[at];
    if (each !== null && concerned !== undefined) {
      verdicts.set(concerned.recorded, verdictOfAgent(each.before, each.after));
    }
  });
}

function present(
  { days, recorded, people }: Replay,
  judged: readonly Judged[],
  problem: string | null,
): StatementImpact {
  const emails = new Map(people.map(({ person }) => [person.id, person.email]));
  const counts = { same: 0, refused: 0, allowed: 0, masked: 0, unmasked: 0, unknown: 0 };
  const judgedBy = { agent: 0, tables: 0 };
  for (const { recorded: kind, verdict, judgedBy: by } of judged) {
    counts[verdict.effect] += kind.count;
    if (verdict.effect !== 'same' || by === 'agent') judgedBy[by] += kind.count;
  }
  const changed = judged.filter(isChanged).toSorted(byWeight);
  return {
    days,
    since: recorded.since,
    considered: recorded.considered,
    counts,
    judgedBy,
    withoutAgent: problem,
    items: changed.slice(0, maxItems).map(({ recorded: kind, verdict, judgedBy: by }) => ({
      effect: verdict.effect,
      judgedBy: by,
      user: { id: kind.user, email: kind.user === null ? null : (emails.get(kind.user) ?? null) },
      fingerprint: kind.fingerprint,
      text: kind.text.slice(0, shownText).toWellFormed(),
      count: kind.count,
      lastAt: kind.lastAt,
      record: { agent: kind.agent, seq: kind.seq },
      reason: verdict.reason,
    })),
    truncated: recorded.isTruncated || changed.length > maxItems,
  };
}

type Changed = Judged & { readonly verdict: { readonly effect: Exclude<Effect, 'same' | 'unknown'> } };

function isChanged(judged: Judged): judged is Changed {
  return judged.verdict.effect !== 'same' && judged.verdict.effect !== 'unknown';
}

/** What breaks first. */
const weights: Readonly<Record<Changed['verdict']['effect'], number>> = {
  refused: 0,
  unmasked: 1,
  allowed: 2,
  masked: 3,
};

function byWeight(a: Changed, b: Changed): number {
  return weights[a.verdict.effect] - weights[b.verdict.effect] || b.recorded.count - a.recorded.count;
}
