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

/** How many statements fall into each of so many equal parts of the time, and what the most serious of them was. */
export function density(
  steps: readonly ReplayStep[],
  parts: number,
): readonly { readonly count: number; readonly isRefused: boolean; readonly isMasked: boolean }[] {
  const first = steps[0]?.at ?? 0;
  const length = Math.max(1, (steps.at(-1)?.at ?? 0) - first);
  const bars = Array.from({ length: parts }, () => ({ count: 0, isRefused: false, isMasked: false }));
  for (const { at, count, isRefused, isMasked } of steps) {
    const bar = bars[Math.min(parts - 1, Math.floor(((at - first) / length) * parts))];
    if (bar === undefined) continue;
    bar.count += count;
    bar.isRefused ||= isRefused;
    bar.isMasked ||= isMasked;
  }
  return bars;
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
}

export function sessionFacts({ event }: ConnectionView): SessionFacts {
  const policies = Array.isArray(event['policies']) ? (event['policies'] as unknown[]) : [];
  return {
    email: textOf(event['email']),
    device: textOf(event['device']),
    application: textOf(event['application']),
    path: textOf(event['path']),
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
