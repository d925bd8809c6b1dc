import { describe, expect, it } from 'vitest';
import { commands } from '../command-list.ts';
import { examples } from '../examples.ts';
import { commandHelp } from '../help.ts';
import { commandWords } from './words.ts';

const byName = new Map(commands.map((command) => [command.name, command]));

describe('the words for completion', () => {
  it('are there for each command and for no other', () => {
    expect(Object.keys(commandWords).toSorted()).toEqual([...byName.keys()].toSorted());
  });

  it.each(commands.map((command) => [command.name, command] as const))(
    'of %s are in its help, and its values belong to options that it has',
    (name, command) => {
      const { words = [], values = {} } = commandWords[name] ?? {};
      const help = commandHelp(command);
      const verbs = words.flatMap((kind) => (typeof kind === 'string' ? [] : kind));
      expect(verbs.filter((verb) => !help.includes(verb))).toEqual([]);
      expect(Object.keys(values).filter((option) => command.options?.[option] === undefined)).toEqual([]);
    },
  );
});

describe('the examples', () => {
  it('are of commands that there are, and begin with their name', () => {
    for (const [name, shown] of Object.entries(examples)) {
      expect(byName.has(name)).toBe(true);
      for (const [line] of shown) expect(line).toContain(`daam ${name}`);
    }
  });
});
