import type { RequestApprovers, RequestSettings } from '@daam/shared/api/routes/requests';
import type { Role } from '@daam/shared/api/schemas';

/** A person as far as it matters for approvals. */
export interface Decider {
  readonly id: string;
  readonly role: Role;
  /** Ids of their groups. */
  readonly groups: readonly string[];
}

/** Whether somebody is among the approvers of a request that is not their own. Auditors change nothing. */
export function mayDecide(
  person: Decider,
  request: { readonly requester: string; readonly approvers: RequestApprovers },
): boolean {
  if (person.id === request.requester || person.role === 'auditor') return false;
  const { users, groups, admins } = request.approvers;
  return (
    users.includes(person.id) ||
    person.groups.some((group) => groups.includes(group)) ||
    (admins && person.role === 'admin')
  );
}

/** Whether somebody may open a window on their own word. */
export function mayBreakGlass(person: Decider, { emergency }: RequestSettings): boolean {
  if (!emergency.enabled || person.role === 'auditor') return false;
  return emergency.anyone || person.groups.some((group) => emergency.groups.includes(group));
}
