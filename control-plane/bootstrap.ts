import { email, label } from '@daam/shared/api/schemas';
import type { Clock } from '@daam/shared/base/clock';
import { AppError } from '@daam/shared/errors/app-error';
import type { Store } from './db/store.ts';
import type { Invitation } from './identity/invitations.ts';
import type { OrgSigner } from './identity/org-signer.ts';
import { createOrganization } from './people/create-organization.ts';

export interface BootstrapRequest {
  /** Name of the organization. */
  readonly org: string;
  readonly adminEmail: string;
  /** Where the control plane is reached, for a link with which the administrator makes a passkey. */
  readonly inviteTo?: string;
}

export interface BootstrapResult {
  readonly orgId: string;
  readonly userId: string;
  /** An API token of the administrator, shown once; valid for `tokenDays`. */
  readonly adminToken: string;
  /** With `inviteTo` alone. */
  readonly invitation?: Invitation;
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
  const { adminToken, ...made } = await make(deps, request, tokenDays);
  if (adminToken === null) throw new AppError('INTERNAL', { detail: 'an administrator without a token' });
  const { orgId, userId, invitation } = made;
  return { orgId, userId, adminToken, ...(invitation === null ? {} : { invitation }) };
}

/** As `bootstrap`, without an API token: the link is the one way in, so no long-lived secret is printed. */
export async function bootstrapWithPasskey(
  deps: BootstrapDeps,
  request: BootstrapRequest & { readonly inviteTo: string },
): Promise<Omit<BootstrapResult, 'adminToken'>> {
  const { orgId, userId, invitation } = await make(deps, request, null);
  return { orgId, userId, ...(invitation === null ? {} : { invitation }) };
}

async function make(deps: BootstrapDeps, request: BootstrapRequest, days: number | null) {
  return await createOrganization(
    { ...deps, as: 'operator' },
    {
      name: parseField(label, 'org', request.org),
      adminEmail: parseField(email, 'admin-email', request.adminEmail),
      actor: { kind: 'system', id: null, label: 'bootstrap' },
      now: deps.clock.now(),
      tokenDays: days,
      inviteTo: request.inviteTo ?? null,
    },
  );
}

function parseField(schema: typeof label | typeof email, field: string, value: string): string {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new AppError('INVALID_INPUT', {
    field,
    message: `${field}: ${result.error.issues[0]?.message ?? 'not valid'}`,
  });
}
