/** The tunnel sidecar as the specs want it: there at once, in a namespace where one is named, every event kept. */
import { silentLogger } from '@daam/shared/base/logger';
import type { SidecarAnswer, SidecarCommand, SidecarEvent } from '@daam/shared/wireguard/sidecar-channel';
import { SidecarProcess as OwnedSidecar, type SidecarRole } from '@daam/shared/wireguard/sidecar-process';

export { buildSidecar } from '@daam/shared/testing/built-sidecar';

export class SidecarProcess implements AsyncDisposable {
  readonly events: SidecarEvent[] = [];
  readonly #started: Promise<OwnedSidecar>;

  /** `within` is put before the command, as `ip netns exec NAME`. */
  constructor(file: string, role: SidecarRole, within: readonly string[] = []) {
    this.#started = OwnedSidecar.start({
      file,
      role,
      within,
      env: process.env,
      onEvent: (event) => void this.events.push(event),
      onExit: () => {},
      logger: silentLogger,
    });
    // Whoever sends hears of it.
    this.#started.catch(() => {});
  }

  /** Sends a command; a refusal rejects. */
  async send(
    command: SidecarCommand,
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<SidecarAnswer> {
    return await (await this.#started).send(command, fields);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#started)[Symbol.asyncDispose]();
  }
}
