import { type Command, exitCodes, UsageError } from '../command.ts';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { type CompletedCommand, completionGrammar } from '../completion/grammar.ts';
import { zshCompletion } from '../completion/zsh.ts';

const shells: ReadonlyMap<string, (commands: readonly CompletedCommand[]) => string> = new Map([
  ['bash', bashCompletion],
  ['zsh', zshCompletion],
  ['fish', fishCompletion],
]);

/** `daam completion`, for all commands that there are. */
export function completionCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    summary: 'A script that completes daam’s commands, options and databases in your shell.',
    usage: 'completion bash | zsh | fish',
    details: `
  bash    source <(daam completion bash)       in ~/.bashrc
  zsh     source <(daam completion zsh)        in ~/.zshrc, after compinit
  fish    daam completion fish | source        in ~/.config/fish/config.fish

Databases are completed as this device last heard of them; nothing is asked over the network.`,
    positionals: { min: 1, max: 1 },
    run: async (context) => {
      const write = shells.get(context.positionals[0] ?? '');
      if (write === undefined) throw new UsageError('The shells are bash, zsh and fish.');
      context.stdout.write(write(completionGrammar(commands())));
      return exitCodes.done;
    },
  };
}
