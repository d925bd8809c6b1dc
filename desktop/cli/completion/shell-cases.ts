import { type CompletedCommand, type CompletedOption, spellings } from './grammar.ts';
import type { WordKind } from './words.ts';

/** What a shell does to offer words of a kind. */
export type Offer = (kind: WordKind) => string;

/** A pattern of `case` for every option that takes a value, after its command: what bash and zsh both read. */
export function valueOptions(commands: readonly CompletedCommand[]): string {
  return commands
    .flatMap(({ name, options }) =>
      options.filter(({ takesValue }) => takesValue).map((option) => patternOf(name, option)),
    )
    .join('|');
}

/** Branches of `case` by command and option, for the values of options. */
export function valueCases(commands: readonly CompletedCommand[], offer: Offer): string {
  return commands
    .flatMap(({ name, options }) =>
      options.flatMap((option) =>
        option.value === null ? [] : [`      ${patternOf(name, option)}) ${offer(option.value)} ;;`],
      ),
    )
    .join('\n');
}

/** Branches of `case` by command and place, for words. */
export function wordCases(commands: readonly CompletedCommand[], offer: Offer): string {
  return commands
    .flatMap(({ name, words }) => words.map((kind, place) => `    '${name} ${place}') ${offer(kind)} ;;`))
    .join('\n');
}

/** Branches of `case` by command, for the options themselves. */
export function optionCases(commands: readonly CompletedCommand[], offer: Offer): string {
  return commands
    .map(({ name, options }) => `      ${name}) ${offer(options.flatMap(spellings))} ;;`)
    .join('\n');
}

function patternOf(command: string, option: CompletedOption): string {
  return spellings(option)
    .map((each) => `'${command} ${each}'`)
    .join('|');
}
