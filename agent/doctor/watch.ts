import type { DoctorFinding, DoctorReport } from '@daam/shared/api/doctor';
import type { Clock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { Client } from 'pg';
import { countFindings, type Examination, examine } from './doctor.ts';

/** Between two examinations when nothing calls for one, and when one failed or sessions are refused until something is mended. */
const everyMs = 60 * 60_000;
const whileRefusingMs = 30_000;
/** Many changes at once are looked at together. */
const settleMs = 2_000;

export interface DoctorWatchOptions {
  /** A connection of its own, as the agent; the watch ends it. */
  readonly connect: () => Promise<Client>;
  /** What is examined now; null: the database was not reached yet. */
  readonly subject: () => Omit<Examination, 'client' | 'now'> | null;
  /** `upstream.refuse_on`: severities and names of checks. */
  readonly refuseOn: readonly string[];
  readonly onReport: (report: DoctorReport) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Examines the database at start, after changes, every hour and when asked; holds the last report. */
export class DoctorWatch implements AsyncDisposable {
  readonly #options: DoctorWatchOptions;
  #report: DoctorReport | null = null;
  #looking: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isDisposed = false;

  constructor(options: DoctorWatchOptions) {
    this.#options = options;
  }

  get report(): DoctorReport | null {
    return this.#report;
  }

  /** Throws DATABASE_UNSAFE while a finding forbids to serve; before the first report nothing is known to be safe. */
  assertSafe(): void {
    const { refuseOn } = this.#options;
    if (refuseOn.length === 0) return;
    const found =
      this.#report === null ? ['not examined yet'] : blockingChecks(this.#report.findings, refuseOn);
    if (found.length === 0) return;
    throw new AppError('DATABASE_UNSAFE', {
      message: `The agent's operator refuses sessions until the database was mended: ${found.join(', ')}.`,
      hint: 'daam-agent introspect says what was found and what mends it.',
    });
  }

  /** Looks now; one that is under way is waited for. Never throws. */
  look(): Promise<void> {
    this.#looking ??= this.#examine().finally(() => {
      this.#looking = null;
      this.#schedule(this.#report !== null && this.isSafe ? everyMs : whileRefusingMs);
    });
    return this.#looking;
  }

  /** Looks when changes have settled. */
  lookSoon(): void {
    this.#schedule(settleMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking;
  }

  async #examine(): Promise<void> {
    const { subject, connect, clock, logger, onReport } = this.#options;
    const examined = this.#isDisposed ? null : subject();
    if (examined === null) return;
    try {
      const client = await connect();
      try {
        this.#report = await examine({ ...examined, client, now: clock.now() });
      } finally {
        await client.end().catch(() => undefined);
      }
      logger.info({ ...countFindings(this.#report), omitted: this.#report.omitted }, 'doctor looked');
      onReport(this.#report);
    } catch (thrown) {
      logger.warn({ code: toAppError(thrown).code }, 'the doctor could not look');
    }
  }

  /** Whether sessions may be served. */
  get isSafe(): boolean {
    try {
      this.assertSafe();
      return true;
    } catch {
      return false;
    }
  }

  #schedule(ms: number): void {
    if (this.#isDisposed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.look(), ms);
    this.#timer.unref();
  }
}

/** Names of the checks whose findings are meant by `refuseOn`, each once. */
export function blockingChecks(
  findings: readonly DoctorFinding[],
  refuseOn: readonly string[],
): readonly string[] {
  const meant = findings.filter(
    ({ severity, check }) => refuseOn.includes(severity) || refuseOn.includes(check),
  );
  return [...new Set(meant.map(({ check }) => check))];
}
