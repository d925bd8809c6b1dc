import type { Frame } from '@daam/shared/pgwire/frame-reader';
import { decodeQuery, encodeQuery } from '@daam/shared/pgwire/query';
import type { Verdict } from '@daam/shared/sql/verdict';
import { decide } from '../enforce/decisions.ts';
import type { SessionContext } from './context.ts';
import { applyEffects, type Outbox } from './outbox.ts';
import type { AllowedVerdict } from './prepared.ts';
import { refusedQuery } from './refusal.ts';
import type { TierSwitch } from './tier-switch.ts';

/** The simple protocol: one Query message, one verdict for all of its statements. */
export class SimpleQuery {
  readonly #session: SessionContext;
  readonly #outbox: Outbox;
  readonly #tiers: TierSwitch;

  constructor(parts: {
    readonly session: SessionContext;
    readonly outbox: Outbox;
    readonly tiers: TierSwitch;
  }) {
    this.#session = parts.session;
    this.#outbox = parts.outbox;
    this.#tiers = parts.tiers;
  }

  /** Decides a Query and forwards it; a promise only when the role's tier must change first. */
  query(frame: Frame): Promise<void> | undefined {
    const { sql } = decodeQuery(frame.body);
    const verdict = this.#tiers.isSettled ? this.#decide(sql) : null;
    if (verdict?.kind === 'allow' && !this.#session.latch.mustChange(verdict.tier)) {
      return this.#run(frame, sql, verdict);
    }
    return this.#querySlowly(frame, sql, verdict);
  }

  async #querySlowly(frame: Frame, sql: string, decided: Verdict | null): Promise<void> {
    await this.#tiers.settleTaint();
    let verdict = decided ?? this.#decide(sql);
    if (verdict.kind === 'allow' && this.#session.latch.mustChange(verdict.tier)) {
      await this.#tiers.enter(verdict.tier);
      verdict = this.#decide(sql);
    }
    if (this.#session.skipping) return;
    this.#session.prepared.simpleQueryRan();
    if (verdict.kind === 'allow') this.#run(frame, sql, verdict);
    else {
      const message = { kind: 'query', bytes: refusedQuery } as const;
      this.#outbox.refuseStatement(message, { text: sql, protocol: 'simple' }, verdict);
    }
  }

  #run(frame: Frame, sql: string, verdict: AllowedVerdict): undefined {
    const running = this.#outbox.record({ text: sql, protocol: 'simple' }, verdict);
    applyEffects(this.#session, verdict);
    this.#session.prepared.simpleQueryRan();
    const bytes = verdict.rewritten ? encodeQuery({ sql: verdict.sql }) : frame.bytes;
    return this.#outbox.push(bytes, { kind: 'query', running, rewritten: verdict.rewritten });
  }

  #decide(sql: string): Verdict {
    return decide(this.#session.view, sql, this.#session.names);
  }
}
