import type { OrgId, UserId } from '@daam/shared/domain/ids';
import type { RelyingParty } from '@daam/shared/identity/passkey-proof';
import type { PolicyBundle, SubjectPasskey } from '@daam/shared/policy/bundle';

/** A person as a bundle tells of them. */
export interface ToldPerson {
  readonly user: UserId;
  readonly email: string;
  readonly isAdmin: boolean;
  /** Whether they may reach the database; administrators are told of even if not. */
  readonly isSubject: boolean;
  readonly passkeys: readonly SubjectPasskey[];
}

/** What a bundle says about passkeys. */
export interface Told {
  readonly org: OrgId;
  readonly relyingParty: RelyingParty | null;
  readonly people: readonly ToldPerson[];
}

/** Takes it out of a bundle. */
export function toldOf({ org, subjects, settings }: PolicyBundle): Told {
  const people = new Map<string, ToldPerson>();
  for (const { user, email, isAdmin = false, passkeys = [] } of subjects)
    people.set(user, { user, email, isAdmin, isSubject: true, passkeys });
  for (const { user, email, passkeys } of settings.endorsers ?? []) {
    const isSubject = people.get(user)?.isSubject ?? false;
    people.set(user, { user, email, isAdmin: true, isSubject, passkeys });
  }
  return { org, relyingParty: settings.relyingParty ?? null, people: [...people.values()] };
}
