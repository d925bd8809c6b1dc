import type { Role } from '@daam/shared/api/schemas';
import { asId, type OrgId, type UserId } from '@daam/shared/domain/ids';
import type { Person } from '../http/call.ts';

/** A person as every query for a credential finds them, and when the credential was last used. */
export interface PersonRow {
  readonly id: string;
  readonly org_id: string;
  readonly email: string;
  readonly role: Role;
  readonly last_used_at: Date | string | null;
}

/** `last_used_at` is written at most this often, in milliseconds. */
const lastUsedStep = 60_000;

/** Whether the use at `now` (milliseconds since the Unix epoch) is worth writing down. */
export function isUseDue({ last_used_at: last }: PersonRow, now: number): boolean {
  return last === null || now - new Date(last).getTime() > lastUsedStep;
}

/** The person, and by which credential they came. */
export function personOf(
  row: PersonRow,
  by: Pick<Person, 'tokenId' | 'via' | 'device' | 'session' | 'scopes'>,
): Person {
  return {
    kind: 'user',
    id: asId<UserId>(row.id),
    org: asId<OrgId>(row.org_id),
    email: row.email,
    role: row.role,
    ...by,
  };
}
