import type { Readable, Writable } from 'node:stream';
import type { ParseArgsOptionsConfig } from 'node:util';
import type { Engine } from '../engine/engine.ts';
import type { CliConfig } from './config.ts';

/** Exit codes (docs/ARCHITECTURE.md): done, failed, waiting for approval, wrong usage. */
export const exitCodes = { done: 0, failed: 1, waiting: 2, usage: 64 } as const;

/** The signals that end a program, as far as a command may handle them. */
export type InterruptSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/**
 * Calls the listener for every such signal until the returned function is called. While nobody listens, a signal ends
 * the process at once.
 */
export type OnSignal = (listener: (signal: InterruptSignal) => void) => () => void;

/** What a command gets. */
export interface CommandContext {
  /** Options as parsed; strings, booleans. */
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
  /** What came after `--`. */
  readonly rest: readonly string[];
  readonly config: CliConfig;
  readonly engine: Engine;
  readonly json: boolean;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly onSignal: OnSignal;
}

/** One `daam` command: a file each in commands/. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** After `daam <name>`: what a person may write. */
  readonly usage: string;
  /** Further lines of its help. */
  readonly details?: string;
  readonly options?: ParseArgsOptionsConfig;
  /** How many words it takes; more or fewer are wrong usage. */
  readonly positionals: { readonly min: number; readonly max: number };
  /** Whether `--` and words after it are allowed. */
  readonly takesRest?: boolean;
  readonly run: (context: CommandContext) => Promise<number>;
}

/** Wrong usage: exit code 64 and a pointer to the help. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** One line of data: the JSON value with --json, else the text for people. */
export function print(context: CommandContext, value: unknown, text: string): void {
  context.stdout.write(context.json ? `${JSON.stringify(value)}\n` : `${text}\n`);
}

/** Columns of equal width for people; control characters in cells are dropped, so that no name can move the cursor. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [header, ...rows].map((row) => row.map((cell) => cell.replaceAll(/\p{Cc}/gu, '')));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
