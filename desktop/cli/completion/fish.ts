import type { CompletedCommand, CompletedOption } from './grammar.ts';
import type { WordKind } from './words.ts';

const databases = "'(daam complete databases 2>/dev/null)'";

/** Completion for fish, which quotes what it puts on the line. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const withValue = commands.flatMap(({ options }) => options.filter(({ takesValue }) => takesValue));
  const spelled = new Set(withValue.flatMap(({ long, short }) => (short === null ? [long] : [long, short])));
  const lines = commands.flatMap(({ name, summary, options, words }) => [
    `complete -c daam -n '__daam_at 0' -a ${name} -d ${quote(summary)}`,
    ...options.map((option) => optionLine(name, option)),
    ...words.map((kind, place) => wordLine(name, place + 1, kind)),
  ]);
  const names = commands.map(({ name }) => name).join(' ');
  return `# fish completion for daam. Use: daam completion fish | source
# True when the word being written is number $argv[1] (0 is the command), after the command $argv[2] where one is named.
function __daam_at
    set -l words
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case ${[...spelled].join(' ')}
                set skip 1
            case '-*'
            case '*'
                set -a words $word
        end
    end
    test (count $words) = $argv[1]; or return 1
    test (count $argv) = 1; or test "$words[1]" = "$argv[2]"
end

function __daam_after
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test "$words[2]" = "$argv[1]"
end

complete -c daam -f
${lines.join('\n')}
complete -c daam -n '__daam_at 0' -a help -d 'The help of a command'
complete -c daam -n '__daam_at 1 help' -a ${quote(names)}
`;
}

function optionLine(command: string, { long, short, takesValue, value }: CompletedOption): string {
  const words = ['complete', '-c', 'daam', '-n', `'__daam_after ${command}'`, '-l', long.slice(2)];
  if (short !== null) words.push('-s', short.slice(1));
  if (takesValue) words.push(...valueWords(value));
  return words.join(' ');
}

function valueWords(value: WordKind | null): readonly string[] {
  if (value === 'file') return ['-r', '-F'];
  if (value === 'database') return ['-x', '-a', databases];
  return value === null ? ['-x'] : ['-x', '-a', quote(value.join(' '))];
}

function wordLine(command: string, place: number, kind: WordKind): string {
  const head = `complete -c daam -n '__daam_at ${place} ${command}'`;
  if (kind === 'file') return `${head} -F`;
  return `${head} -a ${kind === 'database' ? databases : quote(kind.join(' '))}`;
}

/** In single quotes, for fish. */
function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
