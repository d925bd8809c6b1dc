import { createHmac, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import { AppError } from '@daam/shared/errors/app-error';
import { fromBase64Url } from '@daam/shared/base/bytes';
import { x25519PrivateText } from '@daam/shared/identity/x25519';
import { z } from 'zod';
import { readPrivateFile, writePrivateFile } from './private-file.ts';

/**
 * Small private files whose content must be what this agent wrote: JSON with an HMAC-SHA256 under a key that is derived from
 * the agent's WireGuard key. It tells damage, a file of another agent and an edit by whoever cannot read the key;
 * an older file of the same agent it does not tell.
 */

/** The key of files for one purpose (HKDF, RFC 5869). */
export function fileKey(agentKey: KeyObject, purpose: string): Buffer {
  const secret = fromBase64Url(x25519PrivateText(agentKey));
  return Buffer.from(hkdfSync('sha256', secret, '', `daam agent file v1: ${purpose}`, 32));
}

const envelope = z.strictObject({ mac: z.string().length(43), body: z.string() });

/** The value in the file, parsed; null when there is no file. INVALID_CONFIG for what was not sealed under this key. */
export async function readSealedFile<T>(
  path: string,
  options: { readonly key: Buffer; readonly schema: z.ZodType<T>; readonly maxBytes: number },
): Promise<T | null> {
  try {
    const text = await readPrivateFile(path, options.maxBytes);
    if (text === null) return null;
    const { mac, body } = envelope.parse(JSON.parse(text));
    const given = Buffer.from(mac, 'base64url');
    const expected = macOf(options.key, body);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new TypeError('MAC');
    return options.schema.parse(JSON.parse(body));
  } catch (cause) {
    throw new AppError('INVALID_CONFIG', { detail: 'a sealed file is damaged', cause });
  }
}

/** Replaces the file, 0600, on the disk when it resolves. Throws what the file system says. */
export async function writeSealedFile(path: string, key: Buffer, value: unknown): Promise<void> {
  const body = JSON.stringify(value);
  const mac = macOf(key, body).toString('base64url');
  await writePrivateFile(path, `${JSON.stringify({ mac, body })}\n`);
}

function macOf(key: Buffer, body: string): Buffer {
  return createHmac('sha256', key).update(body).digest();
}
