import { AppError } from '@daam/shared/errors/app-error';
import type { Person } from '../http/call.ts';
import type { Asserted } from '../identity/assertion.ts';

/** The person of an assertion as handlers know people: their touch was now. */
export function personOf({ user, org, passkeyId, authTime }: Omit<Asserted, 'proof'>): Person {
  return {
    kind: 'user',
    id: user.id,
    org,
    email: user.email,
    role: user.role,
    tokenId: passkeyId,
    via: 'session',
    device: null,
    session: { passkeyId, authTime },
  };
}

/** Of somebody who would have to touch one. */
export function noPasskey(): AppError {
  return new AppError('CONFLICT', {
    message: 'You have no passkey.',
    hint: 'Ask an administrator for an invitation to make one.',
  });
}

/** Of a touch by somebody else than who prepared `what`. */
export function notTheirs(what: string): AppError {
  return new AppError('UNAUTHENTICATED', {
    message: 'This passkey belongs to another account.',
    hint: `${what} was prepared by somebody else. Use the passkey of that account.`,
  });
}
