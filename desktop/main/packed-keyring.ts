import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { AppError } from '@daam/shared/errors/app-error';
import type { KeyringEntry } from '../engine/keyring-secret-store.ts';
import { binariesManifestName, binariesManifestSchema, platformName } from './binaries-manifest.ts';

/** What is used of the addon `@napi-rs/keyring`. */
export interface KeyringAddon {
  readonly AsyncEntry: new (service: string, account: string, options: unknown) => KeyringEntry;
}

export interface PackedKeyringOptions {
  /** Folder of the app's own files inside the archive. */
  readonly appDir: string;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** How an addon is loaded; for tests. */
  readonly require?: (path: string) => unknown;
}

/** Where the addon of a machine lies below the app's folder. */
export function keyringAddonPath(appDir: string, name: string): string {
  return join(appDir, 'native', name, 'keyring.node');
}

/**
 * The addon for this machine, which lies unpacked beside the archive as an addon has to, after its hash was found in the
 * manifest inside the archive. Unlike the package's own loader this one takes no path from the environment.
 * SECRET_STORE_UNAVAILABLE when it is missing or another one.
 */
export function loadPackedKeyring(options: PackedKeyringOptions): KeyringAddon {
  const { appDir, platform, arch, require = createRequire(import.meta.url) } = options;
  const name = platformName(platform, arch);
  const path = keyringAddonPath(appDir, name);
  let expected: string | null;
  let found: string;
  try {
    const manifest = binariesManifestSchema.parse(
      JSON.parse(readFileSync(join(appDir, binariesManifestName), 'utf8')),
    );
    expected = manifest[name]?.keyring ?? null;
    found = createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch (cause) {
    throw unusable('the addon of the keyring or its manifest cannot be read', cause);
  }
  if (found !== expected) throw unusable('the addon of the keyring is not the one that the manifest names');
  return require(path) as KeyringAddon;
}

function unusable(detail: string, cause?: unknown): AppError {
  const message = 'The part of the app that uses the keyring is missing or was changed.';
  return new AppError('SECRET_STORE_UNAVAILABLE', { message, hint: 'Install the app again.', detail, cause });
}
