import type { Command } from '../command.ts';
import { commandWords, type WordKind } from './words.ts';

/** An option as it is written. */
export interface CompletedOption {
  readonly long: string;
  readonly short: string | null;
  readonly takesValue: boolean;
  /** What its value may be; null: anything. */
  readonly value: WordKind | null;
}

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  readonly words: readonly WordKind[];
}

/** What each shell's script is written from. */
export function completionGrammar(commands: readonly Command[]): readonly CompletedCommand[] {
  return commands.map(({ name, summary, options = {} }) => {
    const { words = [], values = {} } = commandWords[name] ?? {};
    const own = Object.entries(options).map(
      ([option, { type, short }]): CompletedOption => ({
        long: `--${option}`,
        short: short === undefined ? null : `-${short}`,
        takesValue: type === 'string',
        value: values[option] ?? null,
      }),
    );
    return { name, summary, options: [...own, ...common], words };
  });
}

const common: readonly CompletedOption[] = [
  { long: '--json', short: null, takesValue: false, value: null },
  { long: '--state-dir', short: null, takesValue: true, value: 'file' },
  { long: '--help', short: '-h', takesValue: false, value: null },
];

/** The spellings of an option. */
export function spellings({ long, short }: CompletedOption): readonly string[] {
  return short === null ? [long] : [long, short];
}
