import { randomUUID } from 'node:crypto';
import { chainGenesis } from '@daam/shared/audit/chain';
import { asId, type OrgId } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import { type ActivityActor, recordActivity } from '../audit/activity.ts';
import { OrganizationEntity } from '../db/entities/organization.ts';
import { type User, UserEntity } from '../db/entities/user.ts';
import { type Scope, scopeTo, systemScope } from '../db/scope.ts';
import type { Store } from '../db/store.ts';
import { issueApiToken } from '../identity/api-token-handlers.ts';
import { type Invitation, inviteUserRow } from '../identity/invitations.ts';
import type { OrgSigner } from '../identity/org-signer.ts';

export interface NewOrganization {
  readonly name: string;
  readonly adminEmail: string;
  readonly actor: ActivityActor;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Days that the administrator's API token is valid; null for none: they sign in with the passkey alone. */
  readonly tokenDays: number | null;
  /** Where the invitation's page is; null for no invitation. */
  readonly inviteTo: string | null;
}

export interface CreatedOrganization {
  readonly orgId: OrgId;
  readonly userId: string;
  /** Shown once. */
  readonly adminToken: string | null;
  readonly invitation: Invitation | null;
}

/**
 * Makes an organization with its signing key and its first administrator, in one transaction of its own scope. CONFLICT
 * for a name that is there. By whoever runs the control plane (bootstrap.ts), or by signing up where that is switched on
 * (people/sign-up.ts).
 */
export async function createOrganization(
  {
    store,
    signer,
    as,
  }: { readonly store: Store; readonly signer: OrgSigner; readonly as: 'operator' | 'sign-up' },
  asked: NewOrganization,
): Promise<CreatedOrganization> {
  const orgId = asId<OrgId>(randomUUID());
  if ((await systemScope(store, as).count(OrganizationEntity, { name: asked.name })) > 0) {
    throw new AppError('CONFLICT', {
      field: 'org',
      message: 'An organization with this name exists already.',
    });
  }
  return await scopeTo(store.em(), orgId).em.transactional(async (em) => {
    const scope = { em, org: orgId };
    em.create(OrganizationEntity, {
      id: orgId,
      name: asked.name,
      revocationEpoch: 0,
      activitySeq: 0,
      activityHash: chainGenesis.hash,
      createdAt: new Date(asked.now),
    });
    await em.flush();
    signer.createKey(scope, asked.now);
    const user = await createAdministrator(scope, asked);
    return { orgId, userId: user.id, ...(await giveCredentials(scope, user, asked)) };
  });
}

async function createAdministrator(
  scope: Scope,
  { name, adminEmail, actor, now }: NewOrganization,
): Promise<User> {
  const user = scope.em.create(UserEntity, {
    id: randomUUID(),
    orgId: scope.org,
    kind: 'person',
    email: adminEmail,
    name: adminEmail,
    role: 'admin',
    attributes: {},
    disabledAt: null,
    createdAt: new Date(now),
  });
  await scope.em.flush();
  await recordActivity(scope, now, {
    action: 'organization.created',
    actor,
    target: { kind: 'organization', id: scope.org, label: name },
    after: { name, admin: { id: user.id, email: adminEmail, role: 'admin' } },
  });
  return user;
}

async function giveCredentials(
  scope: Scope,
  user: User,
  { tokenDays, inviteTo, actor, now }: NewOrganization,
): Promise<Pick<CreatedOrganization, 'adminToken' | 'invitation'>> {
  const invitation =
    inviteTo === null ? null : await inviteUserRow(scope, { user, url: inviteTo, actor, now });
  if (tokenDays === null) return { adminToken: null, invitation };
  const { text } = issueApiToken(scope, {
    user: user.id,
    name: 'bootstrap',
    now: new Date(now),
    expiresAt: new Date(now + tokenDays * 86_400_000),
    origin: null,
  });
  await scope.em.flush();
  return { adminToken: text, invitation };
}
