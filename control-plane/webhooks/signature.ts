import { createHmac } from 'node:crypto';
import type { Secret } from '@daam/shared/base/secret';

/** The header that carries it. */
export const signatureHeader = 'DAAM-Signature';

/**
 * `t=<seconds since the Unix epoch>,v1=<hex>`, one `v1` for each secret: HMAC-SHA256 over `<t>.<body>`. A receiver
 * computes it again over the bytes that it got, compares in constant time, and refuses what is older than five minutes.
 */
export function signatureOf(secrets: readonly Secret[], seconds: number, body: string): string {
  const parts = secrets.map((secret) => `v1=${hmacOf(secret, seconds, body)}`);
  return [`t=${seconds}`, ...parts].join(',');
}

function hmacOf(secret: Secret, seconds: number, body: string): string {
  return createHmac('sha256', secret.reveal()).update(`${seconds}.${body}`).digest('hex');
}
