/**
 * Programs and addons lie beside the app's archive, since the system has to load them. What they must be is in a
 * manifest inside the archive, which the packed app alone loads from; so who changes one of them is found out.
 */
import * as z from 'zod';

/** File name of the manifest inside the archive. */
export const binariesManifestName = 'binaries.json';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** `<os>-<arch>` as electron-builder names them → the sidecar, and the keyring's addon where the build has one. SHA-256s in lower-case hexadecimal. */
export const binariesManifestSchema = z.partialRecord(
  z.enum(['linux-x64', 'linux-arm64', 'mac-x64', 'mac-arm64', 'win-x64', 'win-arm64']),
  z.strictObject({
    sidecar: z.strictObject({ file: z.enum(['daam-tunnel', 'daam-tunnel.exe']), sha256 }),
    keyring: sha256.nullable(),
  }),
);
export type BinariesManifest = z.infer<typeof binariesManifestSchema>;
export type PlatformName = keyof BinariesManifest;

const systems: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'mac', win32: 'win' };

/** The manifest's name of a machine; of one that the app is not packed for, a name that no manifest has. */
export function platformName(platform: NodeJS.Platform, arch: string): PlatformName {
  return `${systems[platform] ?? platform}-${arch}` as PlatformName;
}

/** File name of the sidecar for a platform. */
export function sidecarName(name: PlatformName): 'daam-tunnel' | 'daam-tunnel.exe' {
  return name.startsWith('win') ? 'daam-tunnel.exe' : 'daam-tunnel';
}
