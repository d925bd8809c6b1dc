import { spawn } from 'node:child_process';
import { AppError } from '@daam/shared/errors/app-error';
import type { LocalAddress, Result } from '../../ipc/schema.ts';
import type { Launch, Tool, ToolId } from './find-tools.ts';

/** Starts a program and does not wait for it. Rejects when it cannot be started. */
export type StartProgram = (launch: Launch) => Promise<void>;

/** The programs that this shell may start; none where it may start none. */
export class Tools {
  readonly #tools: readonly Tool[];
  readonly #start: StartProgram;

  constructor(options: { readonly tools: readonly Tool[]; readonly start: StartProgram }) {
    this.#tools = options.tools;
    this.#start = options.start;
  }

  list(): Result<'listTools'> {
    return this.#tools.map(({ id, label, pastes }) => ({ id, label, pastes }));
  }

  /** UNSUPPORTED for a tool that is not there, or a name that it cannot be told; CONFLICT while nothing is connected. */
  async open(id: ToolId, address: LocalAddress | null): Promise<void> {
    const tool = this.#tools.find((each) => each.id === id);
    if (tool === undefined)
      throw new AppError('UNSUPPORTED', { message: 'That program is not on this machine.' });
    if (address === null) throw new AppError('CONFLICT', { message: 'Connect to the database first.' });
    const launch = tool.launch(address);
    if (launch === null) {
      throw new AppError('UNSUPPORTED', {
        message: `${tool.label} cannot be told of this database.`,
        hint: 'Copy the connection in its place.',
      });
    }
    await this.#start(launch);
  }
}

/** What another program gets of our environment: nothing that is DAAM's, and nothing that makes an Electron app a plain Node. */
export function environmentOfTools(env: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(?:DAAM_.*|ELECTRON_RUN_AS_NODE)$/i.test(name)),
  );
}

/** Starts a program of its own, which outlives this one, in `environmentOfTools`. */
export function startDetached(env: Readonly<Record<string, string | undefined>>): StartProgram {
  return async ({ file, args }) => {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(file, args, {
        env: environmentOfTools(env),
        detached: true,
        stdio: 'ignore',
        shell: false,
      });
      child.once('error', (cause) =>
        reject(new AppError('UNSUPPORTED', { message: 'The program could not be started.', cause })),
      );
      child.once('spawn', () => {
        child.unref();
        resolve();
      });
    });
  };
}
