import type { Frame } from '@daam/shared/pgwire/frame-reader';
import { decodeQuery, encodeQuery } from '@daam/shared/pgwire/query';
import type { Denial } from '@daam/shared/sql/verdict';
import type { SessionContext } from './context.ts';
import type { Decider } from './decider.ts';
import { applyEffects, type Outbox } from './outbox.ts';
import { describeResults, unknownResult } from './metadata.ts';
import type { AllowedVerdict } from './prepared.ts';
import { refusedQuery } from './refusal.ts';
import { tierFor } from './tier-for.ts';
import { runInPieces } from './simple-as-extended.ts';
import type { TierSwitch } from './tier-switch.ts';
import { noKeyDenial, spendMatches } from './value-rules.ts';

/** The simple protocol: one Query message, one verdict for all of its statements. */
export class SimpleQuery {
  readonly #session: SessionContext;
  readonly #outbox: Outbox;
  readonly #tiers: TierSwitch;
  readonly #decider: Decider;

  constructor(parts: {
    readonly session: SessionContext;
    readonly outbox: Outbox;
    readonly tiers: TierSwitch;
    readonly decider: Decider;
  }) {
    this.#session = parts.session;
    this.#outbox = parts.outbox;
    this.#tiers = parts.tiers;
    this.#decider = parts.decider;
  }

  /** Decides a Query and forwards it; a promise when its analysis takes long or the role's tier must change first. */
  query(frame: Frame): Promise<void> | undefined {
    const { sql } = decodeQuery(frame.body);
    const isQuick = this.#tiers.isSettled && !this.#session.wantsMetadata;
    const verdict = isQuick ? this.#decider.now(sql) : null;
    if (verdict?.kind === 'allow' && !this.#mustChange(verdict) && !this.#tiers.hasOwnPipeline) {
      return this.#run(frame, sql, verdict, null);
    }
    return this.#querySlowly(frame, sql);
  }

  async #querySlowly(frame: Frame, sql: string): Promise<void> {
    await this.#tiers.settleTaint();
    const metadata = await this.#metadata(sql);
    let verdict = await this.#decider.later(sql);
    if (this.#tiers.hasOwnPipeline || (verdict.kind === 'allow' && this.#mustChange(verdict)))
      await this.#tiers.endIdlePipeline();
    // a second time when the policy or the latch changed while it was decided again
    for (let turn = 0; turn < 2 && verdict.kind === 'allow' && this.#mustChange(verdict); turn += 1) {
      await this.#tiers.enter(tierFor(verdict, this.#session.latch));
      verdict = await this.#decider.later(sql);
    }
    if (this.#session.skipping) return;
    this.#session.prepared.simpleQueryRan();
    if (verdict.kind === 'allow') this.#run(frame, sql, verdict, metadata?.() ?? null);
    else {
      const message = { kind: 'query', bytes: refusedQuery } as const;
      this.#outbox.refuseStatement(message, { text: sql, protocol: 'simple' }, verdict);
    }
  }

  /** The notices for its results, as long as they are still true; null when nobody asked for them. */
  async #metadata(sql: string): Promise<(() => Buffer) | null> {
    const session = this.#session;
    if (!session.wantsMetadata) return null;
    const { generation, view, names } = session;
    const { elevationAvailable } = names;
    const described = await this.#decider.aside(describeResults(view, sql, names));
    return () =>
      session.generation === generation && names.elevationAvailable === elevationAvailable
        ? described
        : unknownResult();
  }

  #run(frame: Frame, sql: string, decided: AllowedVerdict, metadata: Buffer | null): undefined {
    const spent = spendMatches(this.#session, decided, null);
    if (spent.kind === 'refused') return this.#refuse(sql, spent.denial);
    const { verdict } = spent;
    const { pieces } = verdict;
    if (pieces !== null && this.#session.values.pseudonymPads() === null)
      return this.#refuse(sql, noKeyDenial);
    const running = this.#outbox.record({ text: sql, protocol: 'simple' }, verdict);
    if (metadata !== null) running.notice = Buffer.concat([running.notice ?? Buffer.alloc(0), metadata]);
    applyEffects(this.#session, verdict, sql);
    this.#session.prepared.simpleQueryRan();
    if (pieces !== null)
      return runInPieces({ session: this.#session, outbox: this.#outbox }, pieces, running);
    const bytes = verdict.rewritten ? encodeQuery({ sql: verdict.sql }) : frame.bytes;
    return this.#outbox.push(bytes, { kind: 'query', running, rewritten: verdict.rewritten });
  }

  #mustChange(verdict: AllowedVerdict): boolean {
    const { latch } = this.#session;
    return latch.mustChange(tierFor(verdict, latch));
  }

  #refuse(sql: string, denial: Denial): undefined {
    const message = { kind: 'query', bytes: refusedQuery } as const;
    const verdict = { kind: 'deny', denial, command: null } as const;
    return this.#outbox.refuseStatement(message, { text: sql, protocol: 'simple' }, verdict);
  }
}
