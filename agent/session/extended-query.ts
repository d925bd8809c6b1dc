import { type AuditedParameters, auditParameters } from '@daam/shared/audit/parameters';
import { decodeBind, decodeBindNames } from '@daam/shared/pgwire/bind';
import { decodeClose } from '@daam/shared/pgwire/close';
import { decodeDescribe } from '@daam/shared/pgwire/describe';
import { decodeExecute } from '@daam/shared/pgwire/execute';
import type { Frame } from '@daam/shared/pgwire/frame-reader';
import { decodeParse, encodeParse, type Parse } from '@daam/shared/pgwire/parse';
import { unsafeParameterType } from '@daam/shared/sql/row-filter-parameters';
import type { Denial, Verdict } from '@daam/shared/sql/verdict';
import type { SessionContext } from './context.ts';
import type { Decider } from './decider.ts';
import { applyEffects, type Outbox } from './outbox.ts';
import type { Portal, PreparedStatement } from './prepared.ts';
import { describeResults, unknownResult } from './metadata.ts';
import { closedByPolicy } from './policy-error.ts';
import { plainDenial, refusedParse, refusedStep, unsafeTypeDenial } from './refusal.ts';
import { tierFor } from './tier-for.ts';
import type { TierSwitch } from './tier-switch.ts';
import {
  bindWithRules,
  declaredTooManyDenial,
  looksAtValues,
  maskedParameters,
  nothingComesBack,
  sameParameters,
  typesWithout,
} from './value-rules.ts';

type Step = Promise<void> | undefined;

/** No generation of the session is this one: the statement must be decided again. */
const neverCurrent = -1;

/**
 * The extended protocol: a statement is decided at Parse, again at Bind when policy or latch changed meanwhile,
 * and recorded at Execute. Each step answers with a promise only when the analysis takes long or the role's tier must
 * change first.
 */
export class ExtendedQuery {
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

  parse(frame: Frame): Step {
    const message = decodeParse(frame.body);
    if (this.#session.prepared.isFull) {
      return this.#outbox.push(refusedParse(message.name), { kind: 'parse', denial: tooManyDenial });
    }
    const verdict = this.#tiers.isSettled ? this.#decider.now(message.sql) : null;
    if (verdict === null) return this.#parseSlowly(frame, message);
    return this.#parseDecided(frame, message, verdict);
  }

  bind(frame: Frame): Step {
    const { portal, statement: name } = decodeBindNames(frame.body);
    const prepared = this.#session.prepared.statement(name);
    if (prepared === undefined) return this.#bindOfSql(name);
    const statement = this.#withValues(prepared, frame);
    const mayRunNow = !this.#mustChange(statement);
    if (this.#tiers.isSettled && this.#isCurrent(statement) && mayRunNow) {
      return this.#bindCurrent(frame, portal, statement);
    }
    return this.#bindSlowly(frame, portal, statement);
  }

  /** Where values of the Bind bring masks back, another text may have to run: the statement then is not current. */
  #withValues(statement: PreparedStatement, frame: Frame): PreparedStatement {
    const { guards } = statement.verdict;
    if (guards.length === 0) return statement;
    const writeBack = maskedParameters(guards, decodeBind(frame.body));
    if (sameParameters(writeBack, statement.writeBack)) return statement;
    return { ...statement, writeBack, generation: neverCurrent };
  }

  execute(frame: Frame): Step {
    const { portal: name } = decodeExecute(frame.body);
    const portal = this.#session.prepared.portal(name);
    if (portal === undefined) {
      return this.#outbox.push(refusedStep, { kind: 'bind', denial: unknownPortalDenial(name) });
    }
    if (portal.isRevoked) return this.#outbox.push(refusedStep, { kind: 'bind', denial: closedByPolicy });
    const { statement } = portal;
    if (this.#mustChange(statement)) return this.#executeSlowly(frame, portal);
    return this.#executeCurrent(frame, portal);
  }

  describe(frame: Frame): Step {
    const { target, name } = decodeDescribe(frame.body);
    const statement = target === 'statement' ? this.#session.prepared.statement(name) : undefined;
    if (target === 'portal' && this.#session.wantsMetadata) return this.#describeWithMetadata(frame, name);
    return this.#outbox.push(frame.bytes, {
      kind: target === 'statement' ? 'describe-statement' : 'describe-portal',
      touchesMasked: statement?.verdict.touchesMasked ?? true,
      ownParameters: statement?.verdict.parameters.length ?? 0,
    });
  }

  /** Nothing else may be learnt of a portal than what it was made under. */
  async #describeWithMetadata(frame: Frame, name: string): Promise<void> {
    const { prepared, view, names } = this.#session;
    const statement = prepared.portal(name)?.statement;
    const isOfThisMoment = (): boolean => statement !== undefined && this.#isCurrent(statement);
    const described =
      statement !== undefined && isOfThisMoment()
        ? await this.#decider.aside(describeResults(view, statement.sql, names))
        : null;
    if (this.#session.skipping) return;
    this.#outbox.push(frame.bytes, {
      kind: 'describe-portal',
      touchesMasked: true,
      resultNotice: described !== null && isOfThisMoment() ? described : unknownResult(),
    });
  }

  close(frame: Frame): Step {
    const { target, name } = decodeClose(frame.body);
    const onFailed = this.#session.prepared.close(target, name);
    return this.#outbox.push(frame.bytes, { kind: 'close', onFailed });
  }

  async #parseSlowly(frame: Frame, message: Parse): Promise<void> {
    await this.#tiers.settleTaint();
    const verdict = await this.#decider.later(message.sql);
    if (!this.#session.skipping) this.#parseDecided(frame, message, verdict);
  }

  #parseDecided(frame: Frame, { name, sql, parameterTypes }: Parse, verdict: Verdict): undefined {
    if (verdict.kind === 'deny') {
      const message = { kind: 'parse', bytes: refusedParse(name) } as const;
      return this.#outbox.refuseStatement(message, { text: sql, protocol: 'extended' }, verdict);
    }
    const [own] = verdict.parameters;
    if (own !== undefined && parameterTypes.length >= own.number) {
      return this.#outbox.push(refusedParse(name), { kind: 'parse', denial: declaredTooManyDenial });
    }
    if (this.#declaresUnsafely(verdict, parameterTypes)) {
      return this.#outbox.push(refusedParse(name), { kind: 'parse', denial: unsafeTypeDenial });
    }
    const statement = this.#statement({ name, sql, parameterTypes, writeBack: nothingComesBack }, verdict);
    this.#session.prepared.prepare(statement);
    const bytes = verdict.rewritten ? encodeParse({ name, sql: verdict.sql, parameterTypes }) : frame.bytes;
    return this.#outbox.push(bytes, {
      kind: 'parse',
      touchesMasked: verdict.touchesMasked,
      rewritten: verdict.rewritten,
      onFailed: () => this.#session.prepared.unprepare(statement),
    });
  }

  async #bindSlowly(frame: Frame, portal: string, statement: PreparedStatement): Promise<void> {
    await this.#tiers.settleTaint();
    if (!this.#isCurrent(statement)) await this.#tiers.quiesce();
    if (this.#session.skipping) return;
    // Nothing can be prepared in a failed transaction, and nothing but its end can be bound.
    if (this.#session.transaction === 'failed') return this.#bindCurrent(frame, portal, statement);
    let current = this.#isCurrent(statement) ? statement : await this.#prepareAgain(statement);
    if (current !== null && this.#mustChange(current)) {
      await this.#tiers.enter(tierFor(current.verdict, this.#session.latch));
      if (this.#session.skipping) return;
      if (!this.#isCurrent(current)) current = await this.#prepareAgain(current);
    }
    if (current !== null) this.#bindCurrent(frame, portal, current);
  }

  #bindCurrent(frame: Frame, portal: string, statement: PreparedStatement): undefined {
    const { verdict } = statement;
    const step = looksAtValues(verdict)
      ? bindWithRules(this.#session, statement, { bytes: frame.bytes, bound: decodeBind(frame.body) })
      : ({ kind: 'bound', bytes: frame.bytes, statement } as const);
    if (step.kind === 'refused') return this.#refuseBind(statement, step.denial);
    // Planning may already run user code (immutable functions are folded), so the taint begins here.
    if (verdict.taint !== null) this.#session.latch.tainted(verdict.taint);
    const isSettled = this.#session.pending.size === 0;
    const parameters = this.#parametersOf(frame, statement);
    const onFailed = this.#session.prepared.bind(portal, step.statement, { isSettled, parameters });
    const { touchesMasked, rewritten } = verdict;
    return this.#outbox.push(step.bytes, { kind: 'bind', touchesMasked, rewritten, onFailed });
  }

  /**
   * Of the client's own Bind: parameters that the agent adds hold keys. Code that nobody vouched for may put a value
   * anywhere, now and while what it left is there.
   */
  #parametersOf(frame: Frame, { verdict, parameterTypes }: PreparedStatement): AuditedParameters | null {
    const { view, latch } = this.#session;
    if (view.recordsParameters !== true) return null;
    const runsUserCode = verdict.taint !== null || latch.taint !== null;
    const isMasked =
      verdict.touchesMasked ||
      verdict.guards.length > 0 ||
      verdict.parameters.length > 0 ||
      (view.hasMasks && runsUserCode);
    return auditParameters(decodeBind(frame.body), { types: parameterTypes, isMasked });
  }

  /**
   * A Bind to what SQL prepared is the same as EXECUTE, which the gate judges; here it is refused, since its
   * statement has no text to record. Drivers bind only what they parsed themselves.
   */
  #bindOfSql(name: string): Step {
    const denial = this.#session.names.prepared.has(name)
      ? preparedInSqlDenial(name)
      : unknownStatementDenial(name);
    return this.#outbox.push(refusedStep, { kind: 'bind', denial });
  }

  #mustChange({ verdict }: PreparedStatement): boolean {
    const { latch } = this.#session;
    return latch.mustChange(tierFor(verdict, latch));
  }

  #isCurrent(statement: PreparedStatement): boolean {
    return (
      statement.generation === this.#session.generation &&
      statement.elevationAvailable === this.#session.latch.elevationAvailable
    );
  }

  /**
   * The policy or the latch changed since Parse: the statement is decided again, and where the server must run
   * another text it is prepared again under its name, without the client noticing.
   */
  async #prepareAgain(statement: PreparedStatement): Promise<PreparedStatement | null> {
    const { writeBack } = statement;
    const verdict = await this.#decider.later(statement.sql, writeBack);
    if (verdict.kind === 'deny') {
      this.#refuseBind(statement, verdict.denial, verdict.command);
      return null;
    }
    if (this.#declaresUnsafely(verdict, statement.parameterTypes)) {
      this.#refuseBind(statement, unsafeTypeDenial);
      return null;
    }
    const again = this.#statement(statement, verdict);
    this.#session.prepared.replace(again);
    if (verdict.sql !== statement.verdict.sql) {
      const { name } = statement;
      const parameterTypes = typesWithout(statement.parameterTypes, verdict.guards, writeBack);
      this.#tiers.reparse({ name, sql: verdict.sql, parameterTypes });
    }
    return again;
  }

  #declaresUnsafely({ statements }: PreparedStatement['verdict'], types: readonly number[]): boolean {
    const isFiltered = statements.some(({ filtersRows }) => filtersRows);
    return isFiltered && unsafeParameterType(types, this.#session.view.catalog) !== null;
  }

  #refuseBind({ sql }: PreparedStatement, denial: Denial, command: string | null = null): undefined {
    const message = { kind: 'bind', bytes: refusedStep } as const;
    const verdict = { kind: 'deny', denial, command } as const;
    return this.#outbox.refuseStatement(message, { text: sql, protocol: 'extended' }, verdict);
  }

  #statement(
    { name, sql, parameterTypes, writeBack }: Parse & Pick<PreparedStatement, 'writeBack'>,
    verdict: PreparedStatement['verdict'],
  ): PreparedStatement {
    const { generation, latch } = this.#session;
    const { elevationAvailable } = latch;
    return { name, sql, parameterTypes, verdict, generation, elevationAvailable, writeBack };
  }

  async #executeSlowly(frame: Frame, portal: Portal): Promise<void> {
    await this.#tiers.enter(tierFor(portal.statement.verdict, this.#session.latch));
    if (!this.#session.skipping) this.#executeCurrent(frame, portal);
  }

  #executeCurrent(frame: Frame, { statement: { sql, verdict }, result, parameters }: Portal): undefined {
    const sent = { text: sql, protocol: 'extended', parameters } as const;
    const running = this.#outbox.record(sent, verdict, result);
    applyEffects(this.#session, verdict, sql);
    return this.#outbox.push(frame.bytes, { kind: 'execute', running, rewritten: verdict.rewritten });
  }
}

const tooManyDenial = plainDenial({
  sqlstate: '54000',
  message: 'too many prepared statements or portals in this session',
  rule: 'prepared-limit',
  hint: 'Close those that are no longer used.',
});

function unknownPortalDenial(name: string): Denial {
  return plainDenial({
    sqlstate: '34000',
    message: `portal "${name}" does not exist`,
    rule: 'unknown-portal',
  });
}

function preparedInSqlDenial(name: string): Denial {
  return plainDenial({
    sqlstate: '0A000',
    message: `prepared statement "${name}" was made by PREPARE and cannot be bound`,
    rule: 'prepared-in-sql',
    hint: 'Run it with EXECUTE.',
  });
}

function unknownStatementDenial(name: string): Denial {
  return plainDenial({
    sqlstate: '26000',
    message:
      name === ''
        ? 'unnamed prepared statement does not exist'
        : `prepared statement "${name}" does not exist`,
    rule: 'unknown-statement',
  });
}
