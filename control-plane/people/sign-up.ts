import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '@daam/shared/errors/app-error';
import { OrganizationEntity } from '../db/entities/organization.ts';
import { systemScope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import type { Services } from '../services.ts';
import { createOrganization } from './create-organization.ts';

/**
 * Signing up: somebody makes an organization and becomes its administrator, with a passkey by the link that they get.
 * Switched off unless the configuration says otherwise (`sign_up.enabled`); a code (`sign_up.code`) keeps strangers out.
 * Addresses are rate-limited, and there is a ceiling of organizations.
 */
export function signUpHandlers({ store, signer, clock, site, signUp }: Services): Handlers<'signUp'> {
  return {
    signUp: async ({ body }) => {
      if (signUp === null) {
        throw new AppError('UNSUPPORTED', {
          message: 'This control plane takes no sign-ups.',
          hint: 'Whoever runs it makes organizations: daam-control-plane bootstrap.',
        });
      }
      if (signUp.code !== null && !isSame(signUp.code.reveal(), body.code ?? '')) {
        throw new AppError('UNAUTHENTICATED', { message: 'The code is not the right one.' });
      }
      if ((await systemScope(store, 'sign-up').count(OrganizationEntity)) >= signUp.maxOrganizations) {
        throw new AppError('UNSUPPORTED', { message: 'This control plane takes no further organizations.' });
      }
      const { orgId, invitation } = await createOrganization(
        { store, signer, as: 'sign-up' },
        {
          name: body.name,
          adminEmail: body.adminEmail,
          actor: { kind: 'system', id: null, label: 'sign-up' },
          now: clock.now(),
          tokenDays: null,
          inviteTo: site.url,
        },
      );
      if (invitation === null) throw new AppError('INTERNAL', { detail: 'a sign-up without an invitation' });
      return { org: { id: orgId, name: body.name }, invitation };
    },
  };
}

/** In a time that tells nothing about where they differ. */
function isSame(expected: string, given: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(expected), digest(given));
}
