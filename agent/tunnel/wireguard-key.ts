import { generateX25519, readX25519Private, x25519PrivateText } from '@daam/shared/identity/x25519';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { KeyObject } from 'node:crypto';
import { readPrivateFile, writePrivateFile } from '../control/private-file.ts';

/** 32 bytes in base64url, and a line end. */
const maxFileBytes = 100;

/**
 * The agent's WireGuard key: X25519, base64url, in a file of mode 0600 that is made at the first start. A file that is there
 * and holds no key stops the agent with INVALID_CONFIG: a new key in its place would be another agent to every device.
 */
export async function wireguardKey(path: string): Promise<KeyObject> {
  const held = await readWireguardKey(path);
  if (held !== null) return held;
  const key = generateX25519();
  try {
    await writePrivateFile(path, `${x25519PrivateText(key)}\n`);
  } catch (thrown) {
    throw badKey('cannot be written', toAppError(thrown).detail);
  }
  return key;
}

/** The key in the file; null when there is none. */
export async function readWireguardKey(path: string): Promise<KeyObject | null> {
  let text: string | null;
  try {
    text = await readPrivateFile(path, maxFileBytes);
  } catch (thrown) {
    throw badKey('cannot be read', toAppError(thrown).detail);
  }
  if (text === null) return null;
  try {
    return readX25519Private(text.replace(/\n$/, ''));
  } catch {
    // Neither the text nor an error that was made of it goes on.
    throw badKey('is damaged');
  }
}

function badKey(reason: string, detail?: string): AppError {
  return new AppError('INVALID_CONFIG', {
    field: 'wireguard.private_key_path',
    message: `wireguard.private_key_path: the key file ${reason}.`,
    hint: 'Make it accessible or restore it; or remove it, and the agent makes a new one.',
    ...(detail === undefined ? {} : { detail }),
  });
}
