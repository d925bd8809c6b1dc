/**
 * The tunnel's sidecar lies beside the app's archive, as a program has to. What it must be is in a manifest inside the
 * archive, which the packed app alone loads from; so who changes the sidecar changes nothing else and is found out.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '@daam/shared/errors/app-error';
import * as z from 'zod';

/** File name of the manifest inside the archive. */
export const sidecarManifestName = 'sidecar-manifest.json';

/** `<os>-<arch>` → name and SHA-256 (lower-case hexadecimal) of the sidecar's binary. */
export const sidecarManifestSchema = z.record(
  z.string().regex(/^(linux|mac|win)-(x64|arm64)$/),
  z.strictObject({
    file: z.enum(['daam-tunnel', 'daam-tunnel.exe']),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
);
export type SidecarManifest = z.infer<typeof sidecarManifestSchema>;

const systems: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'mac', win32: 'win' };

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
  const manifest = await readManifest(join(appDir, sidecarManifestName));
  const entry = manifest[`${systems[platform] ?? platform}-${arch}`];
  if (entry === undefined) throw unusable(`no sidecar for ${platform}-${arch} is in the manifest`);
  const path = join(resourcesPath, 'sidecar', entry.file);
  const found = await sha256Of(path).catch((cause: unknown) => {
    throw unusable('the sidecar cannot be read', cause);
  });
  if (found !== entry.sha256) throw unusable('the sidecar is not the one that the manifest names');
  return path;
}

async function readManifest(path: string): Promise<SidecarManifest> {
  try {
    return sidecarManifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw unusable('the manifest of the sidecar cannot be read', cause);
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
