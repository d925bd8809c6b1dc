import { canonicalJson } from '@daam/shared/base/canonical-json';
import { createHash } from 'node:crypto';
import { AuditActivityEntity } from '../db/entities/audit.ts';
import { OrganizationEntity } from '../db/entities/organization.ts';
import type { Scope } from '../db/scope.ts';

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
  | 'device.revoked'
  | 'certificate.issued'
  | 'grant.issued'
  | 'database.created'
  | 'database.updated'
  | 'database.deleted'
  | 'policies.changed'
  | 'agent.token_issued'
  | 'agent.registered'
  | 'agent.revoked';

export interface Activity {
  readonly action: ActivityAction;
  readonly actor: ActivityActor;
  readonly target: { readonly kind: string; readonly id: string | null; readonly label: string };
  /** Ids, names, versions, counts: never a token, a key or a value of a database. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** What is hashed, member by member. */
export interface ActivityRecord {
  readonly org: string;
  readonly seq: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
  readonly prevHash: string;
  readonly event: Readonly<Record<string, unknown>>;
}

/** The hash before the first record. */
export const activityGenesis = '0'.repeat(64);

/** SHA-256 over a label and the canonical JSON of the record, hexadecimal. */
export function hashActivity(record: ActivityRecord): string {
  return createHash('sha256').update('daam activity v1\n').update(canonicalJson(record)).digest('hex');
}

/**
 * Appends to the organization's activity chain, in the transaction of the change that it tells of: both
 * are there or neither. Needs the lock that `changeOrganization` takes.
 */
export async function recordActivity(scope: Scope, now: number, activity: Activity): Promise<void> {
  const organization = await scope.em.findOneOrFail(OrganizationEntity, { id: scope.org }, { refresh: true });
  const at = new Date(now);
  const seq = organization.activitySeq + 1;
  const { action, actor, target, detail = {} } = activity;
  const prevHash = organization.activityHash;
  // Through JSON, so that what is hashed is what can be read back.
  const event = JSON.parse(JSON.stringify({ action, actor, target, detail })) as Record<string, unknown>;
  const hash = hashActivity({ org: scope.org, seq, at: at.toISOString(), prevHash, event });
  scope.em.create(AuditActivityEntity, {
    orgId: scope.org,
    seq,
    at,
    action,
    actorKind: actor.kind,
    actorId: actor.id,
    prevHash,
    hash,
    event,
  });
  organization.activitySeq = seq;
  organization.activityHash = hash;
  await scope.em.flush();
}
