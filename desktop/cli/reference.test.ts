import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from './command-list.ts';
import { commandHelp } from './help.ts';
import { cliReference } from './reference.ts';

describe('docs/cli.md', () => {
  it('is what the commands say of themselves (node scripts/generate-cli-docs.ts)', () => {
    const path = join(import.meta.dirname, '..', '..', 'docs', 'cli.md');
    expect(readFileSync(path, 'utf8')).toBe(cliReference(commands));
  });
});

describe('the help of a command', () => {
  it.each(commands.map((command) => [command.name, command] as const))(
    'of %s names each of its options, in lines that fit',
    (_name, command) => {
      const help = commandHelp(command);
      const missing = Object.entries(command.options ?? {}).filter(
        ([option, { short }]) => !help.includes(`--${option}`) && !help.includes(`-${short ?? '-'} `),
      );
      expect(missing.filter(([option]) => option !== 'secret-store')).toEqual([]);
      expect(help.split('\n').filter((line) => line.length > 124)).toEqual([]);
    },
  );
});
