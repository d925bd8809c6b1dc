import type { CompletedCommand } from './grammar.ts';
import { optionCases, valueCases, valueOptions, wordCases } from './shell-cases.ts';
import type { WordKind } from './words.ts';

/** Completion for zsh; `compadd` quotes what it puts on the line. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  return `#compdef daam
# zsh completion for daam. Use: source <(daam completion zsh), or put it as _daam into a folder of $fpath
_daam_databases() {
  local -a names
  names=("\${(@f)$(daam complete databases 2>/dev/null)}")
  names=(\${names:#})
  (( \${#names} )) && compadd -- "\${names[@]}"
}

_daam() {
  local command='' expects='' word
  integer i position=0
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quote(`${name}:${summary.replaceAll(':', String.raw`\:`)}`)}`).join('\n')}
  )
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    if [[ -n $expects ]]; then expects=''; continue; fi
    if [[ $word == -- ]]; then _default; return; fi
    if [[ -z $command ]]; then command=$word; continue; fi
    if [[ $word != -* ]]; then (( position += 1 )); continue; fi
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
  if [[ -z $command ]]; then _describe -t commands 'daam command' commands; return; fi
  if [[ \${words[CURRENT]} == -* ]]; then
    case "$command" in
${optionCases(commands, offer)}
    esac
    return
  fi
  case "$command $position" in
${wordCases(commands, offer)}
    'help 0') _describe -t commands 'daam command' commands ;;
    *) _default ;;
  esac
}

if [[ \${funcstack[1]} == _daam ]]; then _daam "$@"; elif (( $+functions[compdef] )); then compdef _daam daam; fi
`;
}

function offer(kind: WordKind): string {
  if (kind === 'database') return '_daam_databases';
  if (kind === 'file') return '_files';
  return `compadd -- ${kind.join(' ')}`;
}

/** In single quotes, for zsh. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
