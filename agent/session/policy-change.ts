import type { ResolvedAccess } from '@daam/shared/sql/access';
import { quoteIdentifier } from '@daam/shared/sql/quote';
import { frontendType } from '@daam/shared/pgwire/message-types';
import type { Verdict } from '@daam/shared/sql/verdict';
import { type AccessView, decideSoon } from '../enforce/decisions.ts';
import type { ClientPump } from './client-pump.ts';
import type { SessionContext } from './context.ts';
import { type Extent, type Narrowing, narrowingOf } from './narrowing.ts';
import { describePolicyChange } from './metadata.ts';
import type { PreparedInSql } from './names.ts';
import type { RunningStatement } from './pending.ts';
import { policyChanged } from './policy-error.ts';

/** How long the server has to carry out a cancel before its session is ended. */
const cancelGraceMs = 2_000;

/**
 * Live policy (enforcement.md 5). When the access of a session changes, its client is not read any more; what it
 * runs and may not run is cancelled; code that the gate cannot see into loses its privileges at once. As soon as
 * nothing is on its way, in a transaction and in the middle of a pipeline too, the role gets its new groups, cursors
 * that show more than they may now are closed, SQL-prepared statements are decided again (those of the protocol at
 * their next Bind), and the client goes on.
 */
export class PolicyChange {
  readonly #session: SessionContext;
  readonly #pump: ClientPump;
  readonly #cancel: () => Promise<void>;
  /** The newest access, as long as it is not in force in this session. */
  #target: Extent | null = null;
  /** Whose groups the role is in. */
  #roleView: AccessView;
  #roleMove: Promise<void> = Promise.resolve();
  #working: Promise<void> | null = null;
  /** A cancel on its way must not hit a statement of our own. */
  #cancelling: Promise<void> = Promise.resolve();
  #isWaiting = false;
  /** What could not be cleaned up inside a failed transaction. */
  #owed: Narrowing | null = null;
  #isOwed = false;
  #needsBarrier = false;
  #released = Promise.withResolvers<void>();
  #stirred = Promise.withResolvers<void>();
  #isOver = false;

  constructor(parts: {
    readonly session: SessionContext;
    readonly pump: ClientPump;
    /** Asks the server to interrupt what it is doing; resolves when it has been told. */
    readonly cancel: () => Promise<void>;
  }) {
    this.#session = parts.session;
    this.#pump = parts.pump;
    this.#cancel = parts.cancel;
    this.#roleView = parts.session.view;
  }

  /**
   * Puts an access in force. Resolves when nothing can be done any more that only the old one allowed; a statement
   * that both allow may still be running then. `mayCancel` false: the catalogue changed, not what is allowed.
   */
  async change(target: Extent, { mayCancel }: { readonly mayCancel: boolean }): Promise<void> {
    if (this.#isOver || this.#isInForce(target)) return;
    const narrowing = narrowingOf(this.#extent, target);
    this.#target = target;
    const revoked = mayCancel ? this.#revokeRunning(narrowing) : [];
    if (this.#working === null) this.#start();
    await this.#pump.atRest();
    const isOpaque = this.#session.pending.running.some(({ runsUserCode }) => runsUserCode);
    if (!narrowing.isEmpty && isOpaque) {
      await this.#moveRole(target.view).catch((thrown: unknown) => this.#session.fail(thrown));
    }
    const { pending, skipping } = this.#session;
    const isHeldUp = this.#isWaiting && (pending.running.length > 0 || skipping);
    if (revoked.length > 0 || !isHeldUp) await this.#working;
  }

  /** Called before each message of the client; a promise while the message has to wait. Ask again after it. */
  before(type: number): Promise<void> | undefined {
    if (this.#working === null && !this.#isOwed) return undefined;
    if (this.#isOver || type === frontendType.terminate) return undefined;
    if (this.#working === null) {
      const { transaction, pending } = this.#session;
      if (transaction === 'failed' && pending.size === 0) return undefined;
      this.#start();
    }
    // COPY data goes on, and after an error the server waits for a Sync.
    if (this.#isWaiting && (this.#session.copyIn || this.#session.skipping)) return undefined;
    this.stir();
    return this.#released.promise;
  }

  /** Something happened that may have brought the session to a boundary. */
  stir(): void {
    this.#stirred.resolve();
    this.#stirred = Promise.withResolvers();
  }

  /** The session is over: nobody waits any more. */
  abandon(): void {
    this.#isOver = true;
    this.#release();
    this.stir();
  }

  get #extent(): Extent {
    return { view: this.#session.view, elevation: this.#session.latch.isEnabled };
  }

  #isInForce(target: Extent): boolean {
    const newest = this.#target ?? this.#extent;
    return newest.view === target.view && newest.elevation === target.elevation;
  }

  #start(): void {
    this.#working = this.#work()
      .catch((thrown: unknown) => {
        if (!this.#isOver) this.#session.fail(thrown);
      })
      .finally(() => {
        this.#working = null;
        this.#release();
      });
  }

  async #work(): Promise<void> {
    while (!this.#isOver && (this.#target !== null || this.#isOwed)) {
      this.#isWaiting = true;
      await this.#boundary();
      await this.#cancelling;
      this.#isWaiting = false;
      if (this.#isOver) return;
      const target = this.#target;
      this.#target = null;
      const before = this.#session.view.access;
      if (target !== null) await this.#putInForce(target);
      const isDone = await this.#cleanUp();
      if (target !== null && !this.#isOver) this.#tellChange(before);
      if (!isDone && this.#target === null) return;
    }
  }

  /** Resolves when the server has answered everything and a statement of our own may run. */
  async #boundary(): Promise<void> {
    const session = this.#session;
    while (!this.#isOver) {
      await this.#pump.atRest();
      if (session.copyIn || session.skipping) {
        const stirred = this.#stirred.promise;
        this.#release();
        await stirred;
        continue;
      }
      if (session.pending.size > 0) {
        await this.#pump.tiers.quiesce();
        continue;
      }
      return;
    }
  }

  async #putInForce(target: Extent): Promise<void> {
    const session = this.#session;
    const before = this.#extent;
    const narrowing = narrowingOf(before, target);
    const isSameRole = before.view.access.fingerprint === target.view.access.fingerprint;
    if (!isSameRole || before.elevation !== target.elevation) this.#needsBarrier = true;
    await this.#moveRole(target.view);
    if (!target.elevation && session.latch.tier === 'elevated') {
      await session.role.lower();
      session.latch.moved('base');
    }
    session.latch.setEnabled(target.elevation);
    session.view = target.view;
    session.generation += 1;
    this.#owed = this.#owed === null ? narrowing : either(this.#owed, narrowing);
    this.#isOwed = true;
  }

  /** Only at a boundary: nothing of the server's is on its way to the client. */
  #tellChange(before: ResolvedAccess): void {
    const { wantsMetadata, view, client } = this.#session;
    const notice = wantsMetadata ? describePolicyChange(before, view.access) : null;
    // A client that does not read holds up nobody else.
    if (notice !== null) void client.write([notice]);
  }

  /** False inside a failed transaction: nothing runs there, no cursor and no prepared statement either. */
  async #cleanUp(): Promise<boolean> {
    const session = this.#session;
    const owed = this.#owed;
    if (session.transaction === 'failed') return false;
    const closing = this.#cursorsToClose(owed);
    // the client is held meanwhile, and a newer policy comes after this one
    const again = await this.#preparedAgain();
    if (this.#isOver) return true;
    const statements = [...closing, ...again];
    if (this.#needsBarrier || statements.length > 0)
      await this.#pump.tiers.barrierAfter(statements, this.#pump.tiers.isMidPipeline);
    this.#needsBarrier = false;
    this.#owed = null;
    this.#isOwed = false;
    return true;
  }

  #cursorsToClose(narrowing: Narrowing | null): readonly string[] {
    const { cursorRelations, prepared, latch, names } = this.#session;
    if (narrowing === null || narrowing.isEmpty) return [];
    const isUnknown = latch.taint !== null || names.opaqueObjects || prepared.hasOpaquePortal;
    const reads = [...cursorRelations, ...prepared.portalRelations];
    if (!isUnknown && !narrowing.forbidsReading(reads)) return [];
    prepared.revokePortals();
    cursorRelations.clear();
    this.#session.cursorsClosed = true;
    return ['CLOSE ALL'];
  }

  /** Statements made by PREPARE run as they were planned: those that read differently now are made again. */
  async #preparedAgain(): Promise<readonly string[]> {
    const { names, view } = this.#session;
    const statements: string[] = [];
    // judging again changes the map
    const before = [...names.preparedInSql];
    for (const [name, made] of before) {
      const verdict = made.text === null ? null : await decideSoon(view, made.text, names);
      if (this.#isOver) return [];
      statements.push(...this.#again(name, made, verdict));
    }
    return statements;
  }

  #again(name: string, made: PreparedInSql, verdict: Verdict | null): readonly string[] {
    const { names } = this.#session;
    const drop = made.sql === null ? [] : [`DEALLOCATE ${quoteIdentifier(name)}`];
    if (verdict === null) {
      names.apply({ kind: 'deallocated', name });
      return drop;
    }
    if (verdict.kind === 'deny') {
      names.withdraw(name, verdict.denial);
      return drop;
    }
    const [statement] = verdict.statements;
    if (made.text === null || statement === undefined) return drop;
    for (const effect of statement.effects) names.apply(effect);
    if (verdict.sql === made.sql) return [];
    names.remember(name, { text: made.text, verdict, statement });
    return [...drop, verdict.sql];
  }

  async #moveRole(view: AccessView): Promise<void> {
    const move = async (): Promise<void> => {
      if (this.#isOver || this.#roleView.access.fingerprint === view.access.fingerprint) return;
      await this.#session.role.moveTo(view.access, view.catalog);
      this.#roleView = view;
      this.#session.latch.moved('base');
    };
    this.#roleMove = this.#roleMove.then(move);
    await this.#roleMove;
  }

  /** Stops what runs and may not; the rest of its result stays with the agent. */
  #revokeRunning(narrowing: Narrowing): readonly RunningStatement[] {
    if (narrowing.isEmpty) return [];
    const { pending } = this.#session;
    const revoked = pending.running.filter((running) => !running.revoked && this.#uses(running, narrowing));
    for (const running of revoked) running.revoked = true;
    if (pending.head?.running?.revoked === true) this.#cancelling = this.#cancel();
    if (revoked.length > 0) {
      setTimeout(() => {
        if (pending.running.some(({ revoked: isRevoked }) => isRevoked)) this.#session.end(policyChanged());
      }, cancelGraceMs).unref();
    }
    return revoked;
  }

  /** Code of users may be using anything: REVOKE alone does not stop it before its transaction ends. */
  #uses({ statements, runsUserCode }: RunningStatement, narrowing: Narrowing): boolean {
    if (runsUserCode) return true;
    const { names, cursorRelations } = this.#session;
    return statements.some(({ command, tables }) => {
      if (command === 'FETCH' || command === 'MOVE') return narrowing.forbidsReading(cursorRelations);
      if (command === 'EXECUTE') {
        return [...names.preparedInSql.values()].some((made) =>
          made.tables.some((use) => narrowing.forbids(use)),
        );
      }
      return tables.some((use) => narrowing.forbids(use));
    });
  }

  #release(): void {
    this.#released.resolve();
    this.#released = Promise.withResolvers();
  }
}

function either(a: Narrowing, b: Narrowing): Narrowing {
  return {
    isEmpty: a.isEmpty && b.isEmpty,
    forbids: (use) => a.forbids(use) || b.forbids(use),
    forbidsReading: (oids) => {
      const all = [...oids];
      return a.forbidsReading(all) || b.forbidsReading(all);
    },
  };
}
