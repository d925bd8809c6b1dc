/** A recorded session as steps to walk through: statements with how they ended, start-up queries of clients folded, policy changes between. */
import type { ConnectionView, StatementView } from '@daam/shared/api/routes/audit';

export interface ReplayStep {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: 'statement' | 'alarm' | 'folded';
  readonly verb: string;
  readonly text: string;
  readonly isRefused: boolean;
  readonly isMasked: boolean;
  /** Milliseconds; null: refused, running, or not known. */
  readonly tookMs: number | null;
  readonly rows: number | null;
  readonly tables: readonly string[];
  readonly rule: string | null;
  readonly sqlstate: string | null;
  /** Version of the policies that it was decided under. */
  readonly epoch: number | null;
  readonly parameters: readonly unknown[] | null;
  readonly isTruncated: boolean;
  /** How many statements are folded into it. */
  readonly count: number;
  readonly record: StatementView;
}

/** Oldest first. Catalogue queries that a client makes at its start become one step. */
export function replaySteps(statements: readonly StatementView[]): ReplayStep[] {
  const steps = statements
    .map(stepOf)
    .toSorted((one, other) => one.at - other.at || one.record.seq - other.record.seq);
  const folded: ReplayStep[] = [];
  for (const step of steps) {
    const before = folded.at(-1);
    if (before !== undefined && isCatalogue(step) && isCatalogueOrFold(before)) {
      folded[folded.length - 1] = fold(before, step);
    } else folded.push(step);
  }
  return folded;
}

/** A part of the time: its statements, and how many of them were refused or used a masked table. */
export interface DensityBar {
  count: number;
  refused: number;
  masked: number;
}

/** How many statements fall into each of so many equal parts of the time. */
export function density(steps: readonly ReplayStep[], parts: number): readonly Readonly<DensityBar>[] {
  const first = steps[0]?.at ?? 0;
  const length = Math.max(1, (steps.at(-1)?.at ?? 0) - first);
  const bars: DensityBar[] = Array.from({ length: parts }, () => ({ count: 0, refused: 0, masked: 0 }));
  for (const { at, count, isRefused, isMasked } of steps) {
    const bar = bars[Math.min(parts - 1, Math.floor(((at - first) / length) * parts))];
    if (bar === undefined) continue;
    bar.count += count;
    if (isRefused) bar.refused += count;
    else if (isMasked) bar.masked += count;
  }
  return bars;
}

/** From this step on other policies were in force: their number in the database's count of changes, and the one before. */
export interface PolicyMark {
  readonly step: string;
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** Where policies changed while the session was open; `opened` is the change under which it began. */
export function policyMarks(steps: readonly ReplayStep[], opened: number | null): readonly PolicyMark[] {
  const marks: PolicyMark[] = [];
  let from = opened;
  for (const { id, at, epoch } of steps) {
    if (epoch === null || epoch === from) continue;
    if (from !== null) marks.push({ step: id, at, from, to: epoch });
    from = epoch;
  }
  return marks;
}

/** The first step at or after a time of day (`9:41`, `09:41:07`) of the session's own days; null: it is no time. */
export function stepAtTime(steps: readonly ReplayStep[], text: string): ReplayStep | null {
  const [, hours, minutes, seconds] = /^\s*(\d{1,2}):(\d{2})(?::(\d{2}))?\s*$/.exec(text) ?? [];
  const first = steps[0];
  if (hours === undefined || minutes === undefined || first === undefined) return null;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds ?? 0) > 59) return null;
  const wanted = new Date(first.at);
  wanted.setHours(Number(hours), Number(minutes), Number(seconds ?? 0), 0);
  // A session that goes over midnight: the time is one of the next day.
  if (wanted.getTime() < first.at - 60_000) wanted.setDate(wanted.getDate() + 1);
  return steps.find(({ at }) => at >= wanted.getTime()) ?? steps.at(-1) ?? null;
}

/** Milliseconds to wait before the next step is shown; a long silence is cut when idle time is skipped. */
export function waitBetween(
  from: ReplayStep,
  to: ReplayStep,
  { speed, skipsIdle }: { readonly speed: number; readonly skipsIdle: boolean },
): number {
  const gap = Math.max(0, to.at - from.at);
  return Math.max(100, (skipsIdle ? Math.min(gap, longestIdleMs) : gap) / speed);
}

const longestIdleMs = 2_000;

/** What the session's opening says. */
export interface SessionFacts {
  readonly email: string;
  readonly device: string;
  readonly application: string;
  readonly path: string;
  readonly policies: readonly string[];
  /** The number of the policies' change under which it began. */
  readonly epoch: number | null;
}

export function sessionFacts({ event }: ConnectionView): SessionFacts {
  const policies = Array.isArray(event['policies']) ? (event['policies'] as unknown[]) : [];
  return {
    email: textOf(event['email']),
    device: textOf(event['device']),
    application: textOf(event['application']),
    path: textOf(event['path']),
    epoch: typeof event['epoch'] === 'number' ? event['epoch'] : null,
    policies: policies.map((one) => {
      const { policy, version } = Object(one) as { policy?: unknown; version?: unknown };
      return `${textOf(policy)} v${typeof version === 'number' ? version : ''}`;
    }),
  };
}

function stepOf(record: StatementView): ReplayStep {
  const { event, end, kind } = record;
  const tables = Array.isArray(event['tables']) ? (event['tables'] as unknown[]) : [];
  const named = tables.map(
    (table) => Object(table) as { schema?: unknown; name?: unknown; masked?: unknown },
  );
  return {
    id: `${record.agent}-${record.seq}`,
    at: Date.parse(record.at),
    kind: kind === 'alarm' ? 'alarm' : 'statement',
    verb: kind === 'alarm' ? 'ALARM' : textOf(event['command']) || 'not understood',
    text: kind === 'alarm' ? textOf(event['detail']) : textOf(event['text']),
    isRefused: event['decision'] === 'deny',
    isMasked: named.some(({ masked }) => masked === true),
    tookMs: end?.durationMs ?? null,
    rows: end?.rows ?? null,
    tables: [...new Set(named.map(({ schema, name }) => `${textOf(schema)}.${textOf(name)}`))],
    rule: typeof event['rule'] === 'string' ? event['rule'] : null,
    sqlstate: end?.sqlstate ?? (typeof event['sqlstate'] === 'string' ? event['sqlstate'] : null),
    epoch: typeof event['epoch'] === 'number' ? event['epoch'] : null,
    parameters: Array.isArray(event['parameters']) ? (event['parameters'] as unknown[]) : null,
    isTruncated: event['truncated'] === true,
    count: 1,
    record,
  };
}

/** Reads nothing but the catalogue: what psql and graphical tools ask by themselves. */
function isCatalogue({ kind, tables, isRefused }: ReplayStep): boolean {
  return (
    kind === 'statement' &&
    !isRefused &&
    tables.length > 0 &&
    tables.every((table) => table.startsWith('pg_catalog.') || table.startsWith('information_schema.'))
  );
}

function isCatalogueOrFold(step: ReplayStep): boolean {
  return step.kind === 'folded' || isCatalogue(step);
}

function fold(before: ReplayStep, step: ReplayStep): ReplayStep {
  return {
    ...before,
    kind: 'folded',
    text: `${before.text}\n\n${step.text}`,
    tables: [...new Set([...before.tables, ...step.tables])],
    tookMs: (before.tookMs ?? 0) + (step.tookMs ?? 0),
    rows: (before.rows ?? 0) + (step.rows ?? 0),
    count: before.count + step.count,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
