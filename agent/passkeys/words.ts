import { passkeyFingerprint, type PinnedPasskey } from '@daam/shared/identity/passkey-proof';
import type { PasskeyFault } from '../tunnel/accept.ts';

/** Why nobody who would need a proof is believed. */
export type PasskeyTrouble = 'passkey-pins-damaged' | 'passkey-pins-not-written';

/** What a person hears when no passkey that this agent trusts stands behind their certificate. */

export const noProof: PasskeyFault = {
  fault: 'no-proof',
  message: 'This database’s agent wants a certificate that your passkey vouches for.',
  hint: 'Run "daam login" and sign in with your passkey.',
};

export function waitsForWord(passkey: PinnedPasskey): PasskeyFault {
  const fingerprint = passkeyFingerprint(passkey);
  return {
    fault: 'waiting',
    code: 'PASSKEY_WAITING',
    message: 'Waiting for an administrator: this database’s agent does not trust your passkey yet.',
    hint:
      `Ask an administrator to approve the passkey ${fingerprint} (at /admin/passkeys of the control plane, or an operator ` +
      'of the agent: daam-agent passkeys approve), then connect again; or sign in with a passkey that the agent trusts.',
  };
}

export function troubled(trouble: PasskeyTrouble): PasskeyFault {
  return {
    fault: trouble,
    message: 'This database’s agent cannot tell whose passkeys it trusts, and lets nobody in.',
    hint: 'Ask an operator of the agent to look at its log.',
  };
}
