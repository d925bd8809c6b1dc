import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '@daam/shared/errors/app-error';
import {
  type BinariesManifest,
  binariesManifestName,
  binariesManifestSchema,
  platformName,
} from './binaries-manifest.ts';

export interface PackedSidecarOptions {
  /** Folder of the app's own files inside the archive. */
  readonly appDir: string;
  readonly resourcesPath: string;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
}

/** The path of the packed sidecar. TUNNEL_FAILED when it is missing, not in the manifest, or not what the manifest says. */
export async function packedSidecar(options: PackedSidecarOptions): Promise<string> {
  const { appDir, resourcesPath, platform, arch } = options;
  const manifest = await readManifest(join(appDir, binariesManifestName));
  const entry = manifest[platformName(platform, arch)]?.sidecar;
  if (entry === undefined) throw unusable(`no sidecar for ${platform}-${arch} is in the manifest`);
  const path = join(resourcesPath, 'sidecar', entry.file);
  const found = await sha256Of(path).catch((cause: unknown) => {
    throw unusable('the sidecar cannot be read', cause);
  });
  if (found !== entry.sha256) throw unusable('the sidecar is not the one that the manifest names');
  return path;
}

async function readManifest(path: string): Promise<BinariesManifest> {
  try {
    return binariesManifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw unusable('the manifest of the binaries cannot be read', cause);
  }
}

/** SHA-256 of a file, in lower-case hexadecimal digits. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function unusable(detail: string, cause?: unknown): AppError {
  return new AppError('TUNNEL_FAILED', {
    message: 'The tunnel that came with the app is missing or was changed.',
    hint: 'Install the app again.',
    detail,
    cause,
  });
}
