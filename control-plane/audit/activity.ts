import { sealRecord } from '@daam/shared/audit/chain';
import { AuditActivityEntity } from '../db/entities/audit.ts';
import { OrganizationEntity } from '../db/entities/organization.ts';
import type { Scope } from '../db/scope.ts';
import { enqueueEvent } from '../webhooks/outbox.ts';

/** Who did it. `label` is an e-mail or a name, as it was then. */
export interface ActivityActor {
  readonly kind: 'user' | 'agent' | 'system';
  readonly id: string | null;
  readonly label: string;
}

/** What was done, in the past tense: the closed list of actions. */
export type ActivityAction =
  | 'organization.created'
  | 'user.created'
  | 'user.updated'
  | 'group.created'
  | 'group.deleted'
  | 'group.member_added'
  | 'group.member_removed'
  | 'api_token.created'
  | 'api_token.revoked'
  | 'device.registered'
  | 'device.renamed'
  | 'device.revoked'
  | 'user.invited'
  | 'passkey.registered'
  | 'passkey.endorsed'
  | 'passkey.revoked'
  | 'session.started'
  | 'certificate.issued'
  | 'grant.issued'
  | 'database.created'
  | 'database.updated'
  | 'database.deleted'
  | 'policies.changed'
  | 'vouched.changed'
  | 'statement.explained'
  | 'request.created'
  | 'request.approval_given'
  | 'request.approved'
  | 'request.break_glass'
  | 'request.activated'
  | 'request.expired'
  | 'request.denied'
  | 'request.revoked'
  | 'request.commented'
  | 'request.reviewed'
  | 'request_settings.changed'
  | 'webhook.created'
  | 'webhook.updated'
  | 'webhook.deleted'
  | 'webhook.secret_rotated'
  | 'webhook.redelivered'
  | 'agent.token_issued'
  | 'agent.registered'
  | 'agent.revoked'
  | 'audit.exported'
  | 'audit.purged'
  | 'audit.retention_changed';

export interface Activity {
  readonly action: ActivityAction;
  readonly actor: ActivityActor;
  readonly target: { readonly kind: string; readonly id: string | null; readonly label: string };
  /** Ids, names, versions, counts: never a token, a key or a value of a database. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** What was changed, as it was; with `after`, as it is. The same care as for `detail`. */
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
}

/** The members of `before` and `after` that differ, for `Activity`; nothing where none does. */
export function difference(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): { before?: Record<string, unknown>; after?: Record<string, unknown> } {
  const names = Object.keys({ ...before, ...after }).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  if (names.length === 0) return {};
  const pick = (from: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    Object.fromEntries(names.map((name) => [name, from[name] ?? null]));
  return { before: pick(before), after: pick(after) };
}

/** The stream of an organization's activity chain (shared/audit/chain.ts). */
export function activityStream(org: string): string {
  return `activity:${org}`;
}

/**
 * Appends to the organization's activity chain, in the transaction of the change that it tells of: both
 * are there or neither. Needs the lock that `changeOrganization` takes.
 */
export async function recordActivity(scope: Scope, now: number, activity: Activity): Promise<void> {
  const organization = await scope.em.findOneOrFail(OrganizationEntity, { id: scope.org }, { refresh: true });
  const { action, actor, target, detail = {}, before: was, after: is } = activity;
  // Through JSON, so that what is hashed is what can be read back.
  const event = JSON.parse(
    JSON.stringify({ actor, after: is, before: was, detail, kind: action, target }),
  ) as Record<string, unknown> & {
    readonly kind: string;
  };
  const before = { seq: organization.activitySeq, hash: organization.activityHash };
  const { head } = sealRecord({ stream: activityStream(scope.org), head: before }, now, event);
  scope.em.create(AuditActivityEntity, {
    orgId: scope.org,
    seq: head.seq,
    at: new Date(now),
    action,
    actorKind: actor.kind,
    actorId: actor.id,
    prevHash: before.hash,
    hash: head.hash,
    event,
  });
  organization.activitySeq = head.seq;
  organization.activityHash = head.hash;
  await scope.em.flush();
  await enqueueEvent(scope, now, { type: action, actor, target, detail, before: was, after: is });
}
