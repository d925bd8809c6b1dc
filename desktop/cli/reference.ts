import type { Command } from './command.ts';
import { commandHelp, overview } from './help.ts';

/** docs/cli.md, from the commands themselves. A test holds the file to it; `node scripts/generate-cli-docs.ts` writes it. */
export function cliReference(commands: readonly Command[]): string {
  const parts = commands.map(
    (command) => `## daam ${command.name}\n${command.summary}\n\n${fenced(commandHelp(command))}`,
  );
  return `# The command line
Written by \`node scripts/generate-cli-docs.ts\` from the commands; \`daam help <command>\` prints the same.

${fenced(overview(commands))}

Completion: \`source <(daam completion bash)\`, \`source <(daam completion zsh)\` or \`daam completion fish | source\`.

${parts.join('\n\n')}
`;
}

function fenced(text: string): string {
  return `\`\`\`\n${text.trimEnd()}\n\`\`\``;
}
