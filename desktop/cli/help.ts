import type { Command } from './command.ts';
import { type Example, examples } from './examples.ts';

const commonOptions = `--json             print data as one JSON object on one line
--state-dir DIR    where this device keeps its state
-h, --help         this help`;

const exitStatus = `0     done
1     failed
2     waiting for approval
64    wrong usage`;

/** What the command line reads of its environment, and what it means. */
export const environment: readonly (readonly [name: string, what: string])[] = [
  [
    'DAAM_HOME',
    'folder of this device’s state; --state-dir wins. Default: $XDG_CONFIG_HOME/daam, else ~/.config/daam',
  ],
  ['DAAM_CONTROL_PLANE_URL', 'where "daam login" signs in, and where a service account’s token is sent'],
  ['DAAM_SECRET_STORE', 'keyring, file or keytar, for a new sign-in'],
  [
    'DAAM_TOKEN',
    'a service account’s token: programs need no sign-in for what asks the control plane alone. Development: an API token for "daam login"',
  ],
  ['DAAM_PATH', 'auto, direct or relay: which way the tunnel may take'],
  ['DAAM_SIDECAR', 'path of the tunnel’s program, daam-tunnel'],
  ['HTTPS_PROXY, NO_PROXY', 'the proxy on the way to the relay'],
];

/** What `daam --help` prints. */
export function overview(commands: readonly Command[]): string {
  const rows = [
    ...commands.map(({ name, summary }) => [name, summary] as const),
    ['help', 'The help of a command.'] as const,
  ];
  return page([
    ['NAME', 'daam - access to PostgreSQL without a database password'],
    ['SYNOPSIS', 'daam <command> [options]\ndaam help <command>'],
    ['COMMANDS', columns(rows)],
    ['OPTIONS', `${commonOptions}\n--version          the version`],
    ['ENVIRONMENT', columns(environment)],
    [
      'EXIT STATUS',
      `${exitStatus}\n\n"daam run" and "daam psql" return the exit code of the program that they run.`,
    ],
  ]);
}

/** What `daam <command> --help` prints. */
export function commandHelp({ name, summary, usage, details }: Command): string {
  const shown = examples[name];
  return page([
    ['NAME', `daam ${name} - ${summary}`],
    ['SYNOPSIS', synopsis(usage)],
    ...(details === undefined ? [] : [['DESCRIPTION', details.replace(/^\n/, '').trimEnd()] as const]),
    ...(shown === undefined ? [] : [['EXAMPLES', exampleText(shown)] as const]),
    ['OPTIONS OF EVERY COMMAND', commonOptions],
    ['EXIT STATUS', exitStatus],
  ]);
}

/** One form a line: "a | b" outside of brackets are two forms. */
function synopsis(usage: string): string {
  const [name = ''] = usage.split(' ');
  const forms = usage.split(` | ${name} `).map((form, index) => (index === 0 ? form : `${name} ${form}`));
  return forms.map((form) => `daam ${form}`).join('\n');
}

function exampleText(shown: readonly Example[]): string {
  return shown.map(([command, what]) => `${command}\n      ${what}`).join('\n');
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, what]) => `${name.padEnd(width)}  ${what}`).join('\n');
}

/** Sections with their text indented, as manual pages have it. Lines that are indented already stay where they are. */
function page(sections: readonly (readonly [title: string, text: string])[]): string {
  return `${sections.map(([title, text]) => `${title}\n${indent(text)}`).join('\n\n')}\n`;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' || line.startsWith('  ') ? line : `  ${line}`))
    .join('\n');
}
