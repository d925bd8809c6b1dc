import type { Logger } from '@daam/shared/base/logger';
import { type AuditEvent, boundStatementText } from '@daam/shared/audit/events';
import type { AuditedParameters } from '@daam/shared/audit/parameters';
import { AppError } from '@daam/shared/errors/app-error';
import type { ErrorCode } from '@daam/shared/errors/codes';
import type { RuleOrigin } from '@daam/shared/policy/effective-policy';
import type { Verdict } from '@daam/shared/sql/verdict';
import { literalFreeKey } from './enforce/literal-free.ts';
import type { SessionEvents } from './session/session.ts';
import type { PinChange } from './passkeys/pins.ts';
import type { PeerIdentity } from './tunnel/accept.ts';
import type { RefusedTunnelKnock } from './tunnel/agent-tunnel.ts';

/**
 * Everything that happens in the agent and must be told: to the log (ids, counts and codes) and to the audit log
 * (who, what, how it was decided). One function for each event.
 */
export interface AuditSink {
  /** Memory only; gives the record's sequence number. */
  append(event: AuditEvent): number;
  /** Resolves when everything appended so far is on disk; rejects when it cannot be written. */
  durable(): Promise<void>;
}

/** Refusals of one address or key in a minute that are recorded; more of them must not fill the disk. */
const maxRecorded = 5;

export interface EventsOptions {
  /** Null until the agent knows who it is: nobody can have a session before that. */
  readonly audit: () => AuditSink | null;
  readonly logger: Logger;
  readonly queryLog: { readonly enabled: boolean; readonly redact: boolean };
}

export class Events {
  readonly #audit: () => AuditSink | null;
  readonly #logger: Logger;
  readonly #queryLog: EventsOptions['queryLog'];

  constructor({ audit, logger, queryLog }: EventsOptions) {
    this.#audit = audit;
    this.#logger = logger;
    this.#queryLog = queryLog;
  }

  /** This process began: sessions of an earlier one are over. Throws AUDIT_UNAVAILABLE where it cannot be recorded. */
  started(version: string): void {
    const audit = this.#audit();
    if (audit === null) throw new AppError('AUDIT_UNAVAILABLE');
    audit.append({ kind: 'agent.started', version });
  }

  /** A stream that came past the tunnel was turned away before it was known whose it is. */
  streamRefused(knock: {
    readonly address: string;
    readonly path: PeerIdentity['path'];
    readonly code: ErrorCode;
    readonly failures: number;
  }): void {
    this.#logger.warn(
      { address: knock.address, code: knock.code, failures: knock.failures },
      'stream refused',
    );
    if (knock.failures > maxRecorded) return;
    this.#audit()?.append({
      kind: 'session.refused',
      code: knock.code,
      device: null,
      email: null,
      path: knock.path,
      session: null,
      user: null,
    });
  }

  /** A knock at the tunnel let nobody in. */
  knockRefused({ key, code, detail, certificate, failures }: RefusedTunnelKnock): void {
    const user = certificate?.user ?? null;
    this.#logger.warn({ code, user, reason: detail, failures }, 'knock refused');
    if (failures > maxRecorded) return;
    this.#audit()?.append({
      kind: 'knock.refused',
      code,
      detail: detail?.slice(0, 200).toWellFormed() ?? null,
      device: certificate?.device ?? null,
      email: certificate?.email ?? null,
      failures,
      key,
      user,
    });
  }

  /** A passkey is trusted from now on, or waits for somebody's word. */
  passkey({ kind, user, email, fingerprint, by, endorser, isAdmin }: PinChange): void {
    this.#logger.info(
      { user, by, isAdmin },
      kind === 'pinned' ? 'passkey pinned' : 'passkey waits for approval',
    );
    if (by === null) this.#audit()?.append({ kind: 'passkey.waiting', email, fingerprint, user });
    else this.#audit()?.append({ kind: 'passkey.pinned', by, email, endorser, fingerprint, isAdmin, user });
  }

  /** A known person was turned away before the session was open. */
  sessionRefused(refused: {
    readonly session: string;
    readonly peer: PeerIdentity;
    readonly code: ErrorCode;
  }): void {
    const { peer, code, session } = refused;
    this.#logger.warn({ session, user: peer.user, code }, 'session refused');
    this.#audit()?.append({
      kind: 'session.refused',
      code,
      device: peer.device,
      email: peer.email,
      path: peer.path,
      session,
      user: peer.user,
    });
  }

  policyApplied(applied: {
    readonly epoch: number;
    readonly sessions: number;
    readonly tookMs: number;
  }): void {
    this.#logger.info({ ...applied }, 'policy applied');
    this.#audit()?.append({ kind: 'policy.applied', ...applied });
  }

  alarm(alarm: { readonly rule: string; readonly detail: string }): void {
    this.#logger.error({ rule: alarm.rule }, 'alarm');
    this.#audit()?.append({
      kind: 'alarm',
      detail: alarm.detail,
      rule: alarm.rule,
      session: null,
      user: null,
    });
  }

  /** The events of one session. */
  session(of: {
    readonly id: string;
    readonly peer: PeerIdentity;
    readonly application: string | null;
    readonly database: string;
    readonly epoch: () => number;
    readonly policies: readonly RuleOrigin[];
  }): SessionEvents {
    const { id: session, peer } = of;
    const { user } = peer;
    const audit = this.#audit();
    if (audit === null) throw new AppError('AUDIT_UNAVAILABLE');
    const logger = this.#logger.child({ session });
    const counts = { masked: 0, refused: 0, rows: 0, statements: 0 };
    return {
      opened: () => {
        logger.info({ user, device: peer.device, epoch: of.epoch() }, 'session opened');
        audit.append({
          kind: 'session.opened',
          application: of.application,
          certificate: peer.certificateJti,
          database: of.database,
          device: peer.device,
          email: peer.email,
          epoch: of.epoch(),
          path: peer.path,
          policies: of.policies.map(({ policy, version }) => ({ policy, version })),
          session,
          user,
        });
      },
      closed: ({ reason, durationMs, bytesIn, bytesOut }) => {
        logger.info({ reason, durationMs }, 'session closed');
        const { masked, refused, rows, statements } = counts;
        audit.append({
          kind: 'session.closed',
          bytesIn,
          bytesOut,
          durationMs,
          masked,
          reason,
          refused,
          rows,
          session,
          statements,
          user,
        });
      },
      statement: ({ text, protocol, verdict, parameters }) => {
        counts.statements += 1;
        if (verdict.kind === 'deny') counts.refused += 1;
        else if (isMasked(verdict)) counts.masked += 1;
        this.#logQuery(logger, text, verdict);
        const event = { ...statementEvent(text, verdict), ...parametersOf(parameters) };
        return audit.append({ ...event, epoch: of.epoch(), protocol, session, user });
      },
      completed: ({ running, sqlstate }) => {
        const rows = rowsOf(running);
        counts.rows += rows;
        audit.append({
          kind: 'statement.completed',
          durationMs: Math.round((performance.now() - running.startedAt) * 1000) / 1000,
          rows,
          session,
          sqlstate,
          statement: running.seq,
          tag: running.tag,
          user,
        });
      },
      alarm: (alarm) => {
        logger.error({ rule: alarm.rule }, 'alarm');
        audit.append({ kind: 'alarm', detail: alarm.detail, rule: alarm.rule, session, user });
      },
      durable: () => audit.durable(),
    };
  }

  #logQuery(logger: Logger, text: string, verdict: Verdict): void {
    if (!this.#queryLog.enabled) return;
    const shown = this.#queryLog.redact ? (literalFreeKey(text) ?? '[redacted]') : text;
    logger.info({ sql: shown, decision: verdict.kind }, 'statement');
  }
}

function isMasked({ statements }: Extract<Verdict, { kind: 'allow' }>): boolean {
  return statements.some(({ tables }) => tables.some(({ masked }) => masked));
}

type StatementEvent = Extract<AuditEvent, { kind: 'statement' }>;

/** The part of a statement's record that follows from the verdict alone. */
function statementEvent(
  sql: string,
  verdict: Verdict,
): Omit<StatementEvent, 'epoch' | 'protocol' | 'session' | 'user'> {
  const { text, truncated } = boundStatementText(sql);
  if (verdict.kind === 'deny') {
    const { denial } = verdict;
    return {
      kind: 'statement',
      command: verdict.command,
      decision: 'deny',
      degraded: false,
      matches: [],
      rewritten: false,
      rule: denial.rule,
      sqlstate: denial.sqlstate,
      tables:
        denial.table === null
          ? []
          : [{ masked: false, name: denial.table.name, operation: 'denied', schema: denial.table.schema }],
      text,
      tier: null,
      truncated,
    };
  }
  return {
    kind: 'statement',
    command: verdict.statements
      .map((statement) => statement.command)
      .join('; ')
      .slice(0, 1_000),
    decision: 'allow',
    degraded: verdict.degraded,
    matches: verdict.statements.flatMap(({ matches }) =>
      matches.map(({ column, literals, oid }) => ({ column, literals, oid })),
    ),
    rewritten: verdict.rewritten,
    rule: null,
    sqlstate: null,
    tables: verdict.statements.flatMap(({ tables }) =>
      tables.map(({ masked, name, operation, schema }) => ({ masked, name, operation, schema })),
    ),
    text,
    tier: verdict.tier,
    truncated,
  };
}

/** Nothing where no policy has values recorded: such records are as they always were. */
function parametersOf(
  audited: AuditedParameters | null | undefined,
): Pick<StatementEvent, 'parameters' | 'parametersOmitted'> {
  if (audited === null || audited === undefined) return {};
  const { parameters, omitted } = audited;
  return { parameters: [...parameters], ...(omitted === 0 ? {} : { parametersOmitted: omitted }) };
}

/** Rows returned, or rows changed where the tag says so. */
function rowsOf(running: { readonly rows: number; readonly tag: string | null }): number {
  const changed = /^(?:INSERT \d+|UPDATE|DELETE|MERGE|COPY) (\d+)$/.exec(running.tag ?? '');
  return changed?.[1] === undefined ? running.rows : Number(changed[1]);
}
