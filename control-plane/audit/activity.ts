import { sealRecord } from '@daam/shared/audit/chain';
import { AuditActivityEntity } from '../db/entities/audit.ts';
import { OrganizationEntity } from '../db/entities/organization.ts';
import type { Scope } from '../db/scope.ts';
import { enqueueMail } from '../notifications/mail-queue.ts';
import { enqueueEvent } from '../webhooks/outbox.ts';

/** Who did it. `label` is an e-mail or a name, as it was then. */
export interface ActivityActor {
  readonly kind: 'user' | 'agent' | 'system';
  readonly id: string | null;
  readonly label: string;
}

/**
 * What was done, in the past tense: the closed list of actions, and what the record of each has to tell. `added`: what
 * there is now (`after`); `changed`: what was different and is now (`before` and `after`); `removed`: what there was
 * (`before`); `told`: that it happened, in `detail` alone, because no state of this organization changed by it.
 */
export const activityKinds = {
  'organization.created': 'added',
  'user.created': 'added',
  'user.updated': 'changed',
  'user.invited': 'told',
  'group.created': 'added',
  'group.renamed': 'changed',
  'group.deleted': 'removed',
  'group.member_added': 'changed',
  'group.member_removed': 'changed',
  'service_account.created': 'added',
  'service_account.updated': 'changed',
  'service_account.deleted': 'removed',
  'service_token.rotated': 'changed',
  'service_token.revoked': 'changed',
  'api_token.created': 'added',
  'api_token.revoked': 'changed',
  'device.registered': 'added',
  'device.renamed': 'changed',
  'device.revoked': 'changed',
  'passkey.registered': 'added',
  'passkey.endorsed': 'changed',
  'passkey.revoked': 'changed',
  'session.started': 'told',
  'session.end_asked': 'told',
  'session.ended': 'changed',
  'certificate.issued': 'told',
  'grant.issued': 'told',
  'database.created': 'added',
  'database.updated': 'changed',
  'database.deleted': 'removed',
  'policies.changed': 'changed',
  'policies.proposed': 'added',
  'policies.proposal_closed': 'changed',
  'policy_settings.changed': 'changed',
  'vouched.changed': 'changed',
  'statement.explained': 'told',
  'request.created': 'added',
  'request.approval_given': 'changed',
  'request.approved': 'changed',
  'request.break_glass': 'changed',
  'request.escalated': 'changed',
  'request.activated': 'changed',
  'request.expired': 'changed',
  'request.denied': 'changed',
  'request.revoked': 'changed',
  'request.commented': 'told',
  'request.reviewed': 'changed',
  'request_settings.changed': 'changed',
  'notifications.changed': 'changed',
  'webhook.created': 'added',
  'webhook.updated': 'changed',
  'webhook.deleted': 'removed',
  'webhook.secret_rotated': 'told',
  'webhook.redelivered': 'told',
  'agent.token_issued': 'told',
  'agent.registered': 'added',
  'agent.revoked': 'changed',
  'audit.exported': 'told',
  'audit.purged': 'told',
  'audit.retention_changed': 'changed',
} as const satisfies Readonly<Record<string, 'added' | 'changed' | 'removed' | 'told'>>;

export type ActivityAction = keyof typeof activityKinds;

/** The actions whose records tell the same. */
export type ActivityOf<Kind extends (typeof activityKinds)[ActivityAction]> = {
  readonly [Action in ActivityAction]: (typeof activityKinds)[Action] extends Kind ? Action : never;
}[ActivityAction];

/** Names and values of what was changed. The same care as for `detail`. */
type State = Readonly<Record<string, unknown>>;

interface Told {
  readonly actor: ActivityActor;
  readonly target: { readonly kind: string; readonly id: string | null; readonly label: string };
  /** Ids, names, versions, counts: never a token, a key or a value of a database. */
  readonly detail?: State;
}

export type Activity = Told &
  (
    | { readonly action: ActivityOf<'added'>; readonly before?: State; readonly after: State }
    | { readonly action: ActivityOf<'changed'>; readonly before: State; readonly after: State }
    | { readonly action: ActivityOf<'removed'>; readonly before: State; readonly after?: State }
    | { readonly action: ActivityOf<'told'>; readonly before?: never; readonly after?: never }
  );

/** The members of `before` and `after` that differ, for `Activity`; none where none does. */
export function difference(before: State, after: State): { before: State; after: State } {
  const names = Object.keys({ ...before, ...after }).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  const pick = (from: State): State => Object.fromEntries(names.map((name) => [name, from[name] ?? null]));
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
  const told = { type: action, actor, target, detail, before: was, after: is };
  await enqueueEvent(scope, now, told);
  await enqueueMail(scope, now, told);
}
