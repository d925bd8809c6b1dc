import type { AuditedParameters } from '@daam/shared/audit/parameters';
import type { Logger } from '@daam/shared/base/logger';
import type { Clock } from '@daam/shared/base/clock';
import type { Secret } from '@daam/shared/base/secret';
import type { AppError } from '@daam/shared/errors/app-error';
import type { TransactionStatus } from '@daam/shared/pgwire/ready-for-query';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import type { PseudonymPads } from '@daam/shared/sql/pseudonym';
import type { Verdict } from '@daam/shared/sql/verdict';
import type { AccessView } from '../enforce/decisions.ts';
import type { MatchBudget } from '../enforce/match-budget.ts';
import type { LeftBehind } from '../roles/left-behind.ts';
import type { Channel } from './channel.ts';
import type { Latch } from './latch.ts';
import type { Names } from './names.ts';
import type { Notices } from './notices.ts';
import type { PendingQueue, RunningStatement } from './pending.ts';
import type { PreparedTable } from './prepared.ts';

/** What the session writes to the audit log. `append` is memory only; `durable` is the group commit. */
export interface SessionAudit {
  statement(record: {
    readonly text: string;
    readonly protocol: 'simple' | 'extended';
    readonly verdict: Verdict;
    readonly parameters?: AuditedParameters | null;
  }): number;
  completed(record: { readonly running: RunningStatement; readonly sqlstate: string | null }): void;
  alarm(record: { readonly rule: string; readonly detail: string }): void;
  durable(): Promise<void>;
}

/** The role that the session runs as; see agent/roles. */
export interface TierControl {
  elevate(): Promise<void>;
  lower(): Promise<void>;
  /** What the role owns by now (adr/0010). */
  leftBehind(options: { readonly strictly: boolean }): Promise<LeftBehind>;
  /** Gives the role the groups of another access, in base. */
  moveTo(access: ResolvedAccess, catalog: Catalog): Promise<void>;
}

/** What the rules about values need (value-rules.ts). */
export interface ValueRules {
  /** Whose budget is spent: one person's sessions share it. */
  readonly user: string;
  readonly budget: MatchBudget;
  /** What pseudonyms are computed with; null: there is no key. */
  readonly pseudonymPads: () => Secret<PseudonymPads> | null;
}

/** Everything that the two pumps of one session share. Each field has one writer, named beside it. */
export interface SessionContext {
  readonly client: Channel;
  readonly server: Channel;
  readonly pending: PendingQueue;
  readonly prepared: PreparedTable;
  readonly names: Names;
  readonly latch: Latch;
  readonly notices: Notices;
  readonly role: TierControl;
  readonly audit: SessionAudit;
  readonly values: ValueRules;
  readonly logger: Logger;
  readonly clock: Clock;
  /** What the person may do now; replaced at a message boundary when the policy changes. */
  view: AccessView;
  /** Counts the replacements of `view`. */
  generation: number;
  /** Server pump. */
  transaction: TransactionStatus;
  /** Client pump: extended messages were forwarded since the last Sync or Query. */
  pipelineOpen: boolean;
  /** Client pump: an Execute was among them. */
  pipelineExecutes: boolean;
  /** Client pump: statements of the agent's own ran among them. */
  pipelineHasOwn: boolean;
  /** Server pump sets it, client pump ends it at Sync: the server discards messages until then. */
  skipping: boolean;
  /** Server pump sets it at CopyInResponse, client pump ends it with CopyDone or CopyFail. */
  copyIn: boolean;
  /** Client pump: CopyDone and CopyFail forwarded so far. */
  copyEnds: number;
  /** Client pump: a statement of the open transaction touched a masked relation; server pump ends it. */
  transactionTouchedMasked: boolean;
  /** The client is told what is masked in its results (metadata.ts). */
  readonly wantsMetadata: boolean;
  /** Client pump: relations that cursors declared in this session read; grows until a DISCARD ALL. */
  readonly cursorRelations: Set<number>;
  /** Client pump: rows that were fetched from cursors since the last one was declared. */
  cursorResult: { rows: number };
  /** A change of policy closed every cursor: a FETCH from one is told so. */
  cursorsClosed: boolean;
  /** Server pump: called at each ReadyForQuery. */
  onReady: () => void;
  /** Ends the session because of something unforeseen. Idempotent. */
  fail(thrown: unknown): void;
  /** Ends the session for a reason that the client is told. Idempotent. */
  end(reason: AppError): void;
}
