import type { deviceKeyProof } from '@daam/shared/api/routes/auth';
import { AppError } from '@daam/shared/errors/app-error';
import { makeChallenge, verifyProof } from '@daam/shared/identity/possession';
import { readX25519Private, x25519PrivateText } from '@daam/shared/identity/x25519';
import { utf8 } from '@daam/shared/base/bytes';
import type { z } from 'zod';
import { systemScope } from '../db/scope.ts';
import type { Services } from '../services.ts';
import { keyChallenge } from './flows.ts';
import { createCode, takeCode } from './one-time-codes.ts';
import { seal, unseal } from './sealed-box.ts';

type Deps = Pick<Services, 'store' | 'clock' | 'site' | 'master'>;

/** A challenge for a device's key. Any replica can check the answer: the private half waits in the database, sealed. */
export async function issueKeyChallenge({ store, clock, master }: Deps) {
  const { challenge, privateKey } = makeChallenge();
  const sealed = seal(master, contextOf(challenge.nonce), utf8(x25519PrivateText(privateKey)));
  const { text, expiresAt } = await createCode(systemScope(store, 'sign-in'), keyChallenge, {
    org: null,
    data: { ...challenge, sealed },
    now: clock.now(),
  });
  return { challenge: text, ...challenge, expiresAt: expiresAt.toISOString() };
}

/**
 * Checks that the sender holds the device's private key, over the code that they send (shared/identity/possession.ts).
 * INVALID_PROOF otherwise. The challenge is used up in either case.
 */
export async function requireKeyProof(
  { store, clock, site, master }: Deps,
  asked: {
    readonly proof: z.output<typeof deviceKeyProof>;
    /** The code whose use is proven. */
    readonly document: string;
  },
): Promise<{ readonly holds: (wgKey: string) => boolean }> {
  const stored = await takeCode(systemScope(store, 'sign-in'), keyChallenge, {
    text: asked.proof.challenge,
    now: clock.now(),
  });
  if (stored === null) throw invalidProof('the challenge is unknown, used or over');
  const { nonce, verifierKey, sealed } = stored.data;
  const text = Buffer.from(unseal(master, contextOf(nonce), sealed)).toString('utf8');
  const pending = { challenge: { nonce, verifierKey }, privateKey: readX25519Private(text) };
  return {
    holds: (wgKey) =>
      site.audiences.some((audience) =>
        verifyProof({
          pending,
          deviceKey: wgKey,
          binding: { purpose: 'control-plane', document: asked.document, audience },
          proof: asked.proof.proof,
        }),
      ),
  };
}

/** The answer to a proof that is none. */
export function invalidProof(detail: string): AppError {
  return new AppError('INVALID_PROOF', { detail });
}

/** Binds a sealed key to its challenge. */
function contextOf(nonce: string): string {
  return `daam key challenge v1 ${nonce}`;
}
