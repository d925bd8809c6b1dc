import { describe, expect, it } from 'vitest';
import { testRandom } from '../testing/random.ts';
import { unifiedDiff } from './unified-diff.ts';

const names = { from: 'v1', to: 'v2' };

/** Applies a diff as patch(1) does: what is left out between hunks comes from the old text. */
function apply(before: string, diff: string): string {
  const old = before.split('\n');
  if (old.at(-1) === '') old.pop();
  const result: string[] = [];
  let at = 0;
  for (const line of diff.split('\n').slice(2)) {
    const head = /^@@ -(\d+),(\d+) /.exec(line);
    if (head !== null) {
      const start = Number(head[1]) - (head[2] === '0' ? 0 : 1);
      result.push(...old.slice(at, start));
      at = start;
    } else if (line.startsWith('+')) result.push(line.slice(1));
    else if (line !== '') {
      if (old[at] !== line.slice(1)) throw new RangeError(`line ${at} is not ${line}`);
      if (line.startsWith(' ')) result.push(line.slice(1));
      at++;
    }
  }
  return [...result, ...old.slice(at)].join('\n');
}

describe('unified diff', () => {
  it('shows a changed line with the lines around it', () => {
    const lines = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const changed = lines.map((line) => (line === 'e' ? 'E' : line));
    expect(unifiedDiff(lines.join('\n'), changed.join('\n'), names).split('\n')).toEqual([
      '--- v1',
      '+++ v2',
      '@@ -2,7 +2,7 @@',
      ' b',
      ' c',
      ' d',
      '-e',
      '+E',
      ' f',
      ' g',
      ' h',
      '',
    ]);
  });

  it('is empty for equal texts', () => {
    expect(unifiedDiff('a\nb\n', 'a\nb\n', names)).toBe('');
  });

  it('numbers a text that begins or ends in nothing as diff does', () => {
    expect(unifiedDiff('', 'a\n', names)).toContain('@@ -0,0 +1,1 @@\n+a');
    expect(unifiedDiff('a\n', '', names)).toContain('@@ -1,1 +0,0 @@\n-a');
  });

  it('turns one text into the other, whatever they are', () => {
    const random = testRandom(11);
    for (let round = 0; round < 300; round++) {
      const line = () => random.pick(['a', 'b', 'c', 'd']);
      const before = Array.from({ length: random.int(20) }, line);
      const after = before.flatMap((text) =>
        random.int(5) === 0 ? [] : random.int(5) === 0 ? [text, line()] : [text],
      );
      const diff = unifiedDiff(before.join('\n'), after.join('\n'), names);
      expect(apply(before.join('\n'), diff)).toBe(after.join('\n'));
    }
  });

  it('replaces one by the other where nearly nothing is the same', () => {
    const before = Array.from({ length: 3_000 }, (_, at) => `old ${at}`).join('\n');
    const after = Array.from({ length: 3_000 }, (_, at) => `new ${at}`).join('\n');
    expect(apply(before, unifiedDiff(before, after, names))).toBe(after);
  });
});
