/** Database programs of this machine: which there are, and with which arguments each is started on a local port. */
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { connectionUri, keywordText } from '../../ipc/connection-texts.ts';
import type { LocalAddress, Params, Result } from '../../ipc/schema.ts';
import { dbeaverConnection } from '../../ipc/dbeaver-connection.ts';

export type ToolId = Params<'openInTool'>['tool'];
type ToolView = Result<'listTools'>[number];

/** What is started: a program and its arguments, one by one. There is no shell in between. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
}

export interface Tool extends ToolView {
  /** Null: the name of the database cannot be said to it. */
  readonly launch: (address: LocalAddress) => Launch | null;
}

export interface FindToolsOptions {
  readonly platform: NodeJS.Platform;
  /** PATH, and on Windows the folders of programs. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a file can be run; for tests. */
  readonly isProgram?: (path: string) => Promise<boolean>;
}

type Find = (names: readonly string[], folders?: readonly string[]) => Promise<string | null>;

/** Those that are there, in the order in which they are offered. */
export async function findTools(options: FindToolsOptions): Promise<readonly Tool[]> {
  const find = finder(options);
  const found = await Promise.all([
    dbeaver(options, find),
    datagrip(options, find),
    tablePlus(options, find),
    psql(options, find),
  ]);
  return found.filter((tool) => tool !== null);
}

async function dbeaver({ platform, env }: FindToolsOptions, find: Find): Promise<Tool | null> {
  const file = await find(
    ['dbeaver', 'dbeaver-ce'],
    platform === 'darwin' ? ['/Applications/DBeaver.app/Contents/MacOS'] : programFolders(env, 'DBeaver'),
  );
  if (file === null) return null;
  return {
    id: 'dbeaver',
    label: 'DBeaver',
    pastes: null,
    launch: (address) => {
      const connection = dbeaverConnection(address);
      return connection === null ? null : { file, args: ['-con', connection] };
    },
  };
}

async function datagrip({ platform }: FindToolsOptions, find: Find): Promise<Tool | null> {
  const mac = '/Applications/DataGrip.app/Contents/MacOS';
  const file = await find(['datagrip', 'datagrip64'], platform === 'darwin' ? [mac] : []);
  // It takes no connection as an argument, and offers what is in the clipboard as "data source from URL".
  return file === null
    ? null
    : { id: 'datagrip', label: 'DataGrip', pastes: 'datagrip', launch: () => ({ file, args: [] }) };
}

async function tablePlus({ platform, env }: FindToolsOptions, find: Find): Promise<Tool | null> {
  const mac = '/Applications/TablePlus.app/Contents/MacOS';
  const folders = platform === 'darwin' ? [mac] : programFolders(env, 'TablePlus');
  const file = await find(['tableplus', 'TablePlus'], folders);
  if (file === null) return null;
  const open =
    platform === 'darwin' ? { file: '/usr/bin/open', args: ['-a', 'TablePlus'] } : { file, args: [] };
  return {
    id: 'tableplus',
    label: 'TablePlus',
    pastes: null,
    launch: (address) =>
      address.host.startsWith('/')
        ? null
        : {
            file: open.file,
            args: [...open.args, connectionUri(address, { parameters: { name: address.database } })],
          },
  };
}

/** Terminals that take a program and its arguments as they are, and what goes before those. */
const terminals: readonly (readonly [string, ...string[]])[] = [
  ['gnome-terminal', '--'],
  ['konsole', '-e'],
  ['kitty'],
  ['alacritty', '-e'],
  ['xterm', '-e'],
];

async function psql({ platform }: FindToolsOptions, find: Find): Promise<Tool | null> {
  const file = await find(['psql']);
  // Terminal on macOS takes a line for a shell and nothing else: there it is not offered.
  if (file === null || platform === 'darwin') return null;
  const inTerminal = platform === 'win32' ? { file, args: [] } : await findTerminal(find, file);
  if (inTerminal === null) return null;
  return {
    id: 'psql',
    label: 'psql',
    pastes: null,
    launch: (address) => {
      const keywords = keywordText(address, null);
      return keywords === null ? null : { file: inTerminal.file, args: [...inTerminal.args, keywords] };
    },
  };
}

async function findTerminal(find: Find, program: string): Promise<Launch | null> {
  for (const [name, ...before] of terminals) {
    const file = await find([name]);
    if (file !== null) return { file, args: [...before, program] };
  }
  return null;
}

function programFolders(env: FindToolsOptions['env'], name: string): readonly string[] {
  return [env['ProgramFiles'], env['LOCALAPPDATA']]
    .filter((folder) => folder !== undefined && isAbsolute(folder))
    .map((folder) => join(folder as string, name));
}

/** Looks in the given folders, then in those of PATH: absolute ones alone, so that no folder of the moment is searched. */
function finder({ platform, env, isProgram = canRun }: FindToolsOptions): Find {
  const path = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const ending = platform === 'win32' ? '.exe' : '';
  return async (names, folders = []) => {
    for (const folder of [...folders, ...path]) {
      for (const name of names) {
        const file = join(folder, `${name}${ending}`);
        if (await isProgram(file)) return file;
      }
    }
    return null;
  };
}

async function canRun(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
