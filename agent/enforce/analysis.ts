import type { Logger } from '@daam/shared/base/logger';
import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import type { TextExplanation } from '@daam/shared/sql/explain/explanation';
import { type AccessHint, createGate, type Gate, type GateParts } from '@daam/shared/sql/gate/decide';
import type { SqlParser } from '@daam/shared/sql/parser';
import type { Denial, SessionNames, Verdict } from '@daam/shared/sql/verdict';
import { copyNames, withHint } from './analysis-protocol.ts';
import { analysisDenial, type AnalysisFailure } from './analysis-refusal.ts';
import { type AnalysisJob, type AnalysisOutcome, AnalysisThread } from './analysis-thread.ts';

/** The gate of one view for texts that take long (adr/0012). */
export interface ViewAnalysis {
  /** Judges at once; null when the text, or what it is rewritten to, is too long for that. */
  quick(sql: string, names: SessionNames): Verdict | null;
  /** Judges in the analysis thread; refuses what it has no time, memory or place for. Never rejects. */
  later(sql: string, names: SessionNames): Promise<Verdict>;
  /** Says what would happen to a text, without running it; a denial when there is no time, memory or place. */
  explain(sql: string, names: SessionNames): Promise<TextExplanation | Denial>;
}

/** Bounds of the analysis; measured in adr/0012. */
export interface AnalysisLimits {
  /** Texts up to this many characters are judged at once. */
  readonly quickText: number;
  /** As long as none of what has to be parsed is longer than this: masks make a short text long. */
  readonly quickParse: number;
  /** For one text. */
  readonly timeLimitMs: number;
  /** Heap of the thread in MiB. */
  readonly maxHeapMiB: number;
  /** Texts that wait, and their characters together. */
  readonly maxWaiting: number;
  readonly maxWaitingCharacters: number;
  readonly waitLimitMs: number;
}

export const defaultAnalysisLimits: AnalysisLimits = {
  quickText: 2 * 1024,
  quickParse: 16 * 1024,
  timeLimitMs: 5_000,
  maxHeapMiB: 512,
  maxWaiting: 256,
  maxWaitingCharacters: 32 * 1024 * 1024,
  waitLimitMs: 30_000,
};

/** The grammar's memory is 128 MiB from the start and grows with the longest text. */
const maxIdleBytes = 320 * 1024 * 1024;

/** What `Analysis` is built from. */
export interface AnalysisOptions {
  readonly major: PostgresMajor;
  readonly parts: GateParts;
  readonly hint: AccessHint;
  readonly logger: Logger;
  readonly limits?: Partial<AnalysisLimits>;
  readonly threadMain?: URL;
}

interface Waiting {
  readonly job: AnalysisJob;
  readonly resolve: (outcome: AnalysisOutcome | AnalysisFailure) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Decides where a text is judged. Short ones, which are nearly all, are judged at once on the agent's own thread; long
 * ones wait in a line for the analysis thread, so that other sessions go on. The line is short: each session has at
 * most one text in it.
 */
export class Analysis implements AsyncDisposable {
  readonly #options: AnalysisOptions;
  readonly #limits: AnalysisLimits;
  readonly #quickGate: Gate;
  readonly #thread: AnalysisThread;
  readonly #waiting = new Set<Waiting>();
  #waitingCharacters = 0;
  #isBusy = false;

  constructor(options: AnalysisOptions) {
    this.#options = options;
    this.#limits = { ...defaultAnalysisLimits, ...options.limits };
    const { parts, major } = options;
    this.#quickGate = createGate({ ...parts, parser: boundedParser(parts.parser, this.#limits.quickParse) });
    this.#thread = new AnalysisThread({
      major,
      timeLimitMs: this.#limits.timeLimitMs,
      maxHeapMiB: this.#limits.maxHeapMiB,
      maxIdleBytes,
      ...(options.threadMain === undefined ? {} : { main: options.threadMain }),
    });
  }

  /** The analysis of one view. */
  of(view: { readonly catalog: Catalog; readonly access: ResolvedAccess }): ViewAnalysis {
    const { hint } = this.#options;
    const jobOf = (kind: AnalysisJob['kind'], sql: string, names: SessionNames): AnalysisJob => ({
      ...view,
      kind,
      sql,
      names: copyNames(names),
    });
    return {
      quick: (sql, names) =>
        sql.length > this.#limits.quickText ? null : this.#quick({ ...view, sql, names, hint }),
      later: async (sql, names) => {
        const outcome = await this.#run(jobOf('decide', sql, names));
        if (outcome.kind !== 'decided') return { kind: 'deny', denial: this.#deny(outcome), command: null };
        const { verdict } = outcome;
        return verdict.kind === 'allow' ? verdict : { ...verdict, denial: withHint(verdict.denial, hint) };
      },
      explain: async (sql, names) => {
        const outcome = await this.#run(jobOf('explain', sql, names));
        return outcome.kind === 'explained' ? withHints(outcome.explanation, hint) : this.#deny(outcome);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const waiting of this.#waiting) this.#give(waiting, { kind: 'busy' });
    await this.#thread[Symbol.asyncDispose]();
  }

  #quick(input: Parameters<Gate['decide']>[0]): Verdict | null {
    try {
      return this.#quickGate.decide(input);
    } catch (thrown) {
      if (thrown instanceof TooLongHere) return null;
      throw thrown;
    }
  }

  #run(job: AnalysisJob): Promise<AnalysisOutcome | AnalysisFailure> {
    const { maxWaiting, maxWaitingCharacters, waitLimitMs } = this.#limits;
    const isFull =
      this.#waiting.size >= maxWaiting || this.#waitingCharacters + job.sql.length > maxWaitingCharacters;
    if (isFull) return Promise.resolve({ kind: 'busy' });
    const { promise, resolve } = Promise.withResolvers<AnalysisOutcome | AnalysisFailure>();
    const timer = setTimeout(() => this.#give(waiting, { kind: 'busy' }), waitLimitMs);
    const waiting: Waiting = { job, resolve, timer };
    this.#waiting.add(waiting);
    this.#waitingCharacters += job.sql.length;
    void this.#work();
    return promise;
  }

  /** Takes it out of the line, with its answer. */
  #give(waiting: Waiting, outcome: AnalysisOutcome | AnalysisFailure): void {
    this.#leaveLine(waiting);
    waiting.resolve(outcome);
  }

  #leaveLine(waiting: Waiting): void {
    if (!this.#waiting.delete(waiting)) return;
    clearTimeout(waiting.timer);
    this.#waitingCharacters -= waiting.job.sql.length;
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let next = first(this.#waiting); next !== null; next = first(this.#waiting)) {
      this.#leaveLine(next);
      next.resolve(await this.#thread.run(next.job));
    }
    this.#isBusy = false;
  }

  #deny(outcome: AnalysisOutcome | AnalysisFailure): Denial {
    const { logger } = this.#options;
    const detail = 'detail' in outcome ? outcome.detail : null;
    logger.warn({ outcome: outcome.kind, detail }, 'a statement was not analysed');
    return analysisDenial(outcome.kind, this.#limits);
  }
}

function first<Item>(items: ReadonlySet<Item>): Item | null {
  const next = items.values().next();
  return next.done ? null : next.value;
}

/** Never leaves this file: the gate does not catch it. */
class TooLongHere extends Error {}

/** A parser that gives up on what would take too long on this thread. */
function boundedParser(parser: SqlParser, maxCharacters: number): SqlParser {
  return {
    major: parser.major,
    parse: (sql) => {
      if (sql.length > maxCharacters) throw new TooLongHere();
      return parser.parse(sql);
    },
  };
}

function withHints(explanation: TextExplanation, hint: AccessHint): TextExplanation {
  const { denial, statements } = explanation;
  return {
    ...explanation,
    denial: denial === null ? null : withHint(denial, hint),
    statements: statements.map((statement) => ({
      ...statement,
      denial: statement.denial === null ? null : withHint(statement.denial, hint),
    })),
  };
}
