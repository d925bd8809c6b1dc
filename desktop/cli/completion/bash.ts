import type { CompletedCommand } from './grammar.ts';
import { optionCases, valueCases, valueOptions, wordCases } from './shell-cases.ts';
import type { WordKind } from './words.ts';

/**
 * Completion for bash, from 3.2 on. Names of databases are somebody's text: they are never a word list of `compgen -W`,
 * which bash expands, and each is quoted before bash puts it on the line.
 */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  return `# bash completion for daam. Use: source <(daam completion bash)
_daam_offer() {
  local given=$1 word quoted
  shift
  for word in "$@"; do
    [[ $word == "$given"* ]] || continue
    printf -v quoted %q "$word"
    COMPREPLY+=("$quoted")
  done
}

_daam_databases() {
  local name names=()
  while IFS= read -r name; do names+=("$name"); done < <(daam complete databases 2>/dev/null)
  _daam_offer "$1" "\${names[@]}"
}

_daam() {
  local cur=\${COMP_WORDS[COMP_CWORD]} command='' expects='' word i position=0
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $expects ]]; then expects=''; continue; fi
    if [[ $word == -- ]]; then compopt -o default 2>/dev/null; return; fi
    if [[ -z $command ]]; then command=$word; continue; fi
    if [[ $word != -* ]]; then position=$((position + 1)); continue; fi
    case "$command $word" in
      ${valueOptions(commands)}) expects=$word ;;
    esac
  done
  if [[ -n $expects ]]; then
    case "$command $expects" in
${valueCases(commands, offer)}
    esac
    return
  fi
  if [[ -z $command ]]; then
    _daam_offer "$cur" ${commands.map(({ name }) => name).join(' ')} help --help --version
    return
  fi
  if [[ $cur == -* ]]; then
    case "$command" in
${optionCases(commands, offer)}
    esac
    return
  fi
  case "$command $position" in
${wordCases(commands, offer)}
    'help 0') _daam_offer "$cur" ${commands.map(({ name }) => name).join(' ')} ;;
    *) compopt -o default 2>/dev/null ;;
  esac
}

complete -F _daam daam
`;
}

function offer(kind: WordKind): string {
  if (kind === 'database') return '_daam_databases "$cur"';
  if (kind === 'file') return 'compopt -o default 2>/dev/null';
  return `_daam_offer "$cur" ${kind.join(' ')}`;
}
