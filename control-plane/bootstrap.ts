import { randomUUID } from 'node:crypto';
import { email, label } from '@daam/shared/api/schemas';
import { chainGenesis } from '@daam/shared/audit/chain';
import type { Clock } from '@daam/shared/base/clock';
import { asId, type OrgId } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import { recordActivity } from './audit/activity.ts';
import { OrganizationEntity } from './db/entities/organization.ts';
import { UserEntity } from './db/entities/user.ts';
import { type Scope, scopeTo, systemScope } from './db/scope.ts';
import type { Store } from './db/store.ts';
import { issueApiToken } from './identity/api-token-handlers.ts';
import type { OrgSigner } from './identity/org-signer.ts';

export interface BootstrapRequest {
  /** Name of the organization. */
  readonly org: string;
  readonly adminEmail: string;
}

export interface BootstrapResult {
  readonly orgId: string;
  readonly userId: string;
  /** An API token of the administrator, shown once; valid for `tokenDays`. */
  readonly adminToken: string;
}

const tokenDays = 90;

export interface BootstrapDeps {
  readonly store: Store;
  readonly signer: OrgSigner;
  readonly clock: Clock;
}

/**
 * Makes an organization with its signing key and its first administrator. Not reachable by HTTP: whoever
 * can start the control plane can run it. An organization of that name is CONFLICT.
 */
export async function bootstrap(deps: BootstrapDeps, request: BootstrapRequest): Promise<BootstrapResult> {
  const name = parseField(label, 'org', request.org);
  const adminEmail = parseField(email, 'admin-email', request.adminEmail);
  const now = deps.clock.now();
  const orgId = asId<OrgId>(randomUUID());
  if ((await systemScope(deps.store, 'operator').count(OrganizationEntity, { name })) > 0) {
    throw new AppError('CONFLICT', {
      field: 'org',
      message: 'An organization with this name exists already.',
    });
  }
  return await scopeTo(deps.store.em(), orgId).em.transactional(async (em) => {
    em.create(OrganizationEntity, {
      id: orgId,
      name,
      revocationEpoch: 0,
      activitySeq: 0,
      activityHash: chainGenesis.hash,
      createdAt: new Date(now),
    });
    await em.flush();
    deps.signer.createKey({ em, org: orgId }, now);
    return await createAdministrator({ em, org: orgId }, { name, adminEmail, now });
  });
}

async function createAdministrator(
  scope: Scope,
  { name, adminEmail, now }: { readonly name: string; readonly adminEmail: string; readonly now: number },
): Promise<BootstrapResult> {
  const createdAt = new Date(now);
  const user = scope.em.create(UserEntity, {
    id: randomUUID(),
    orgId: scope.org,
    kind: 'person',
    email: adminEmail,
    name: adminEmail,
    role: 'admin',
    attributes: {},
    disabledAt: null,
    createdAt,
  });
  await scope.em.flush();
  const expiresAt = new Date(now + tokenDays * 86_400_000);
  const { text } = issueApiToken(scope, {
    user: user.id,
    name: 'bootstrap',
    now: createdAt,
    expiresAt,
    origin: null,
  });
  await scope.em.flush();
  await recordActivity(scope, now, {
    action: 'organization.created',
    actor: { kind: 'system', id: null, label: 'bootstrap' },
    target: { kind: 'organization', id: scope.org, label: name },
    after: { name, admin: { id: user.id, email: adminEmail, role: 'admin' } },
  });
  return { orgId: scope.org, userId: user.id, adminToken: text };
}

function parseField(schema: typeof label | typeof email, field: string, value: string): string {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new AppError('INVALID_INPUT', {
    field,
    message: `${field}: ${result.error.issues[0]?.message ?? 'not valid'}`,
  });
}
