import type { Clock } from '@daam/shared/base/clock';
import { AppError } from '@daam/shared/errors/app-error';
import { verifyDocument } from '@daam/shared/identity/verify';
import type { ControlLink } from './control/control-link.ts';
import type { PasskeyBook } from './passkeys/book.ts';
import type { AcceptDeps, PeerIdentity } from './tunnel/accept.ts';

/** The parts of a running agent; null as long as they are not there yet. */
export interface AcceptParts {
  readonly control: () => ControlLink | null;
  readonly passkeys: () => PasskeyBook | null;
  readonly isDraining: () => boolean;
  readonly clock: Clock;
}

/**
 * What newcomers are measured by: the policy in force and the pinned passkeys. Until there is a policy everybody is refused
 * with NO_CACHED_POLICY, and once the agent is told to stop with DRAINING.
 */
export function acceptDeps(parts: AcceptParts): AcceptDeps {
  const now = (): number => parts.clock.now();
  const control = (): ControlLink => {
    if (parts.isDraining()) throw new AppError('DRAINING');
    const link = parts.control();
    if (link === null || link.store.state === 'none') throw new AppError('NO_CACHED_POLICY');
    return link;
  };
  const identity = (): NonNullable<ControlLink['identity']> => {
    const known = control().identity;
    if (known === null) throw new AppError('NO_CACHED_POLICY');
    return known;
  };
  return {
    verifyCertificate: async (jws) =>
      verifyDocument('deviceCertificate', jws, control().store.orgKeys, now()),
    verifyGrant: async (jws) => verifyDocument('databaseGrant', jws, control().store.orgKeys, now()),
    isRevoked: (device, user) => control().store.isRevoked(device, user),
    passkeyFault: (certificate) => {
      const passkeys = parts.passkeys();
      if (passkeys === null) throw new AppError('NO_CACHED_POLICY');
      return passkeys.fault(certificate);
    },
    get database() {
      return identity().database;
    },
    get agentId() {
      return identity().agentId;
    },
    now,
  };
}

/**
 * STEP_UP_REQUIRED when the person signed in longer ago than this database allows for a new session. It holds without a
 * grant too: a device whose control plane is away shows none.
 */
export function assertRecentSignIn(
  { authTime }: Pick<PeerIdentity, 'authTime'>,
  maxAgeSeconds: number | null,
  now: number,
): void {
  if (maxAgeSeconds === null || (authTime + maxAgeSeconds) * 1000 > now) return;
  throw new AppError('STEP_UP_REQUIRED', {
    message: `This database needs a sign-in of the last ${Math.ceil(maxAgeSeconds / 60)} minutes.`,
    hint: 'Run "daam login", then connect again.',
  });
}
