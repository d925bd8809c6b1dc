import { randomBytes } from 'node:crypto';
import { Secret } from '@daam/shared/base/secret';
import { type MasterKey, seal, unseal } from '../identity/sealed-box.ts';

/** A new secret of a webhook's signatures: 32 random bytes as text. */
export function newWebhookSecret(): Secret {
  return new Secret(`whsec_${randomBytes(32).toString('base64url')}`);
}

/** Encrypts it at rest, bound to its webhook. */
export function sealWebhookSecret(master: MasterKey, webhook: string, secret: Secret): string {
  return seal(master, webhookSecretContext(webhook), Buffer.from(secret.reveal(), 'utf8'));
}

/** Throws INVALID_CONFIG when the master key is not the one it was sealed with, or it is another webhook's. */
export function openWebhookSecret(master: MasterKey, webhook: string, sealed: string): Secret {
  return new Secret(Buffer.from(unseal(master, webhookSecretContext(webhook), sealed)).toString('utf8'));
}

/** Binds a sealed secret to its webhook. */
export function webhookSecretContext(webhook: string): string {
  return `daam webhook secret v1 ${webhook}`;
}
