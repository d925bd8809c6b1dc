/** What a recording does not have, and why: a replay never looks whole where it is not. */
import type { ConnectionView, StatementView } from '@daam/shared/api/routes/audit';

export interface RecordingFacts {
  readonly session: Pick<ConnectionView, 'at' | 'end' | 'receivedAt'>;
  readonly statements: readonly StatementView[];
  /** Whether older statements were not loaded. */
  readonly hasMore: boolean;
  /** Days that statements are kept; null: for ever, or not known. */
  readonly keptDays: number | null;
  /** The agent that recorded it; null: not known. */
  readonly agent: { readonly isAway: boolean; readonly undelivered: number } | null;
  readonly now: number;
}

/** One sentence for each thing that is missing. */
export function missingPieces(facts: RecordingFacts): readonly string[] {
  const { session, statements, hasMore } = facts;
  const recorded = statements.filter(({ kind }) => kind === 'statement');
  const cut = recorded.filter(({ event }) => event['truncated'] === true).length;
  const expected = session.end?.statements ?? null;
  const lacking = expected === null || hasMore ? 0 : expected - recorded.length;
  const endless =
    session.end === null
      ? 0
      : recorded.filter(({ event, end }) => end === null && event['decision'] !== 'deny').length;
  return [
    ...(lacking > 0
      ? [`${count(lacking, 'statement is', 'statements are')} missing: ${whyLacking(facts)}`]
      : []),
    ...(session.end === null ? whyLate(facts) : []),
    ...(endless > 0
      ? [
          `How ${count(endless, 'statement', 'statements')} ended is not recorded: the session was over before the server answered.`,
        ]
      : []),
    ...(cut > 0
      ? [
          `The text of ${count(cut, 'statement was', 'statements were')} longer than 64 KiB: the rest was not recorded.`,
        ]
      : []),
  ];
}

function whyLacking({ session, keptDays, agent, now }: RecordingFacts): string {
  const age = (now - Date.parse(session.receivedAt)) / 86_400_000;
  if (keptDays !== null && age >= keptDays)
    return `statements are kept for ${keptDays} days. Verify shows that what was removed was removed by that rule.`;
  if (agent !== null && (agent.isAway || agent.undelivered > 0)) return waiting(agent);
  return 'the agent has not delivered them yet, or they were removed. Verify tells which.';
}

/** Of a session that is open. */
function whyLate({ agent }: RecordingFacts): string[] {
  return agent?.isAway === true ? [`What happened since is not shown: ${waiting(agent)}`] : [];
}

function waiting({
  isAway,
  undelivered,
}: {
  readonly isAway: boolean;
  readonly undelivered: number;
}): string {
  const kept = undelivered > 0 ? `It had ${count(undelivered, 'record', 'records')} to deliver.` : '';
  return isAway
    ? `the agent is away and keeps its records until it is back. ${kept}`.trim()
    : `the agent has ${count(undelivered, 'record', 'records')} that it has not delivered yet.`;
}

function count(number: number, one: string, many: string): string {
  return `${number.toLocaleString()} ${number === 1 ? one : many}`;
}
