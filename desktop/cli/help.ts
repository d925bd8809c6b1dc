import type { Command } from './command.ts';

const common = `Options of every command:
  --json             print data as one JSON object on one line
  --state-dir DIR    where this device keeps its state (DAAM_HOME; default ~/.config/daam)
  -h, --help         this help
`;

/** What `daam --help` prints. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: daam <command> [options]

Access to PostgreSQL without a database password.

Commands:
${lines.join('\n')}

${common}  --version          the version

Exit codes: 0 done, 1 failed, 2 waiting for approval, 64 wrong usage.
"daam run" and "daam psql" return the exit code of the program that they run.
`;
}

/** What `daam <command> --help` prints. */
export function commandHelp(command: Command): string {
  const details = command.details === undefined ? '' : `\n${command.details.trim()}\n`;
  return `Usage: daam ${command.usage}\n\n${command.summary}\n${details}\n${common}`;
}
