/** What the app takes from its environment; the only reader of it here. */
import { type CliConfig, processEnvironment, readConfig } from '../cli/config.ts';

/** As the command line's, so that both see one state folder. */
export interface ShellConfig
  extends Pick<CliConfig, 'stateDir' | 'secretStore' | 'transport' | 'path' | 'sidecarFile' | 'env'> {}

/**
 * The packed app takes no development settings from its environment: its sidecar is the one beside it, and it goes
 * through the tunnel.
 */
export function readShellConfig(options: {
  readonly isPackaged: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
}): ShellConfig {
  const { stateDir, secretStore, transport, path, sidecarFile, env } = readConfig({
    env: options.env ?? processEnvironment(),
  });
  const development = options.isPackaged
    ? { transport: undefined, sidecarFile: undefined }
    : { transport, sidecarFile };
  return { stateDir, secretStore, path, env, ...development };
}
