import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../command-list.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { completionGrammar } from './grammar.ts';
import { zshCompletion } from './zsh.ts';

const run = promisify(execFile);
const grammar = completionGrammar(commands);
const names = [
  'orders',
  'orders eu',
  '$(touch pwned)',
  '`touch pwned`',
  "x';touch pwned;'",
  '-rf',
  'a&touch pwned',
  '*',
];
let folder: string;

const isThere = (shell: string): boolean => spawnSync(shell, ['--version']).error === undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-complete-'));
  const quoted = names.map((name) => `'${name.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  const stand = `#!/bin/sh\n[ "$1 $2" = "complete databases" ] && printf '%s\\n' ${quoted}\n`;
  await writeFile(join(folder, 'daam'), stand);
  await chmod(join(folder, 'daam'), 0o755);
  await writeFile(join(folder, 'daam.bash'), bashCompletion(grammar));
  await writeFile(join(folder, 'daam.zsh'), zshCompletion(grammar));
  await writeFile(join(folder, 'daam.fish'), fishCompletion(grammar));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function shell(program: string, args: readonly string[]): Promise<string[]> {
  const env = {
    PATH: `${folder}:${process.env['PATH']}`,
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    LANG: 'C.UTF-8',
  };
  const { stdout } = await run(program, [...args], { cwd: folder, env });
  return stdout.split('\n').filter((line) => line !== '');
}

const inBash = (...words: readonly string[]): Promise<string[]> =>
  shell('bash', [
    '-c',
    'source ./daam.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _daam 2>/dev/null; for each in "${COMPREPLY[@]}"; do eval "printf \'%s\\n\' $each"; done',
    'bash',
    ...words,
  ]);

const inZsh = (...words: readonly string[]): Promise<string[]> =>
  shell('zsh', [
    '-f',
    '-c',
    'compadd() { shift; print -rl -- "$@" }; _describe() { print -rl -- ${(P)@[-1]} }; _files() { print files }; _default() { print default }; source ./daam.zsh; words=("$@"); CURRENT=$#; _daam',
    'zsh',
    ...words,
  ]);

const inFish = async (...words: readonly string[]): Promise<string[]> => {
  const lines = await shell('fish', [
    '--no-config',
    '-c',
    'source ./daam.fish; complete -C $argv[1]',
    '--',
    words.join(' '),
  ]);
  return lines.map((line) => line.split('\t')[0] ?? '');
};

const shells = [
  ['bash', inBash],
  ['zsh', inZsh],
  ['fish', inFish],
] as const;

for (const [name, complete] of shells) {
  describe.skipIf(!isThere(name))(`completion in ${name}, which must be installed,`, () => {
    it('offers the commands', async () => {
      const offered = (await complete('daam', '')).map((line) => line.split(':')[0]);
      expect(offered).toEqual(expect.arrayContaining(commands.map((command) => command.name)));
    });

    it('offers the words of a command at their place', async () => {
      expect(await complete('daam', 'request', '')).toEqual(
        expect.arrayContaining(['new', 'list', 'approve']),
      );
      expect(await complete('daam', 'completion', '')).toEqual(
        expect.arrayContaining(['bash', 'zsh', 'fish']),
      );
    });

    it('offers the options of a command, and the values of an option', async () => {
      expect(await complete('daam', 'connect', '--')).toEqual(
        expect.arrayContaining(['--port', '--json', '--state-dir']),
      );
      expect((await complete('daam', 'audit', 'export', '--format', '')).toSorted()).toEqual([
        'csv',
        'jsonl',
      ]);
    });

    it('counts neither options nor their values as words', async () => {
      expect(await complete('daam', 'connect', '--port', '5433', '--json', '')).toEqual(
        expect.arrayContaining(['orders']),
      );
    });

    it('offers databases with hostile names as the text that they are', async () => {
      expect((await complete('daam', 'psql', '')).toSorted()).toEqual(names.toSorted());
      expect(existsSync(join(folder, 'pwned'))).toBe(false);
    });
  });
}

describe.skipIf(!isThere('bash'))('completion in bash', () => {
  it('keeps to what was begun', async () => {
    expect(await inBash('daam', 're')).toEqual(['request']);
    expect(await inBash('daam', 'psql', 'orders')).toEqual(['orders', 'orders eu']);
  });
});
