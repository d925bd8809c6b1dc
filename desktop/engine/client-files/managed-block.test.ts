import { describe, expect, it } from 'vitest';
import { changeBlock } from './managed-block.ts';

const id = '0b8f4c1e-6a2d-4f6b-9c3e-2a1d5e7f9b10';
const lines = ['[shop]', 'host=127.0.0.1'];
const change = (text: string, to: readonly string[] | null = lines, of = id) => changeBlock(text, of, to);

describe('a database’s block in a file of the person', () => {
  it.each(['', '[mine]\nhost=db\n', '[mine]\r\nhost=db\r\n', '\n\n# words\n', '\uFEFF[mine]\n'])(
    'comes and goes, and leaves every byte of others in %j',
    (text) => {
      const written = change(text);
      expect(written.text.startsWith(text)).toBe(true);
      expect(written).toMatchObject({
        removed: [],
        added: [expect.any(String), ...lines, `# <<< daam ${id}`],
      });
      expect(change(written.text).text).toBe(written.text);
      expect(change(written.text, null).text).toBe(text);
    },
  );

  it('is changed in its place, with others’ blocks and lines around it as they were', () => {
    const other = '11111111-6a2d-4f6b-9c3e-2a1d5e7f9b10';
    const two = change(change('[a]\n').text, ['[b]'], other).text + 'tail=1';
    const changed = change(two, ['[shop]', 'host=/run']);
    expect(changed.text).toBe(two.replace('host=127.0.0.1', 'host=/run'));
    expect(changed.otherLines).toBe(5);
    expect(changed.removed).toHaveLength(4);
  });

  it('begins on a line of its own where the last one has no end', () => {
    const { text } = change('[mine]\nhost=db');
    expect(text.split('\n').slice(0, 3)).toEqual(['[mine]', 'host=db', expect.stringContaining('>>> daam')]);
  });

  it.each([
    ['a begin without an end', (block: string) => block.split('\n').slice(0, -2).join('\n')],
    ['an end without a begin', (block: string) => block.split('\n').slice(1).join('\n')],
    ['two of them', (block: string) => `${block}${block}`],
    ['an end before the begin', (block: string) => block.split('\n').toReversed().join('\n')],
  ])('is not touched where the marks are %s', (_, spoil) => {
    expect(() => change(spoil(change('').text))).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
  });

  it('has no name that could be more than a word in its marks', () => {
    for (const of of ['a\nb', '', 'a b', '../x', 'x'.repeat(65)])
      expect(() => change('', lines, of)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });
});
