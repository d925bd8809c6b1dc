import { describe, expect, it } from 'vitest';
import { exportCommand, exportFileName, exportParameters } from './download-export.ts';
import { momentOf, readQuestion, writeQuestion } from './query-bar.ts';

describe('the line in which people ask', () => {
  it('has filters and words, quoted where they have blanks', () => {
    const question = readQuestion('who:mina@example.com outcome:refused rule:"a b" select http://x');
    expect(question).toEqual({
      filters: { who: 'mina@example.com', outcome: 'refused', rule: 'a b' },
      text: 'select http://x',
    });
    expect(readQuestion(writeQuestion(question))).toEqual(question);
  });

  it('is empty for an empty line, and takes the last of two equal filters', () => {
    expect(readQuestion('  ')).toEqual({ filters: {}, text: '' });
    expect(readQuestion('db:one db:two').filters).toEqual({ db: 'two' });
  });

  it('knows days and times', () => {
    expect([momentOf('2026-05-02'), momentOf('yesterday'), momentOf(undefined)]).toEqual([
      '2026-05-02T00:00:00.000Z',
      null,
      null,
    ]);
  });
});

describe('an export', () => {
  it('asks for what was given, and is a file of its time', () => {
    expect(exportParameters({ format: 'csv', session: 'a b', text: '' })).toBe('format=csv&session=a+b');
    expect(exportFileName({ format: 'csv' }, new Date('2026-05-02T12:00:00.000Z'))).toBe(
      'daam-audit-2026-05-02T12-00-00Z.csv',
    );
  });

  it('has a command line in which no value means anything to a shell', () => {
    expect(exportCommand({ text: "o'brien; rm -rf $HOME", session: 's-1' })).toBe(
      String.raw`daam audit export --text 'o'\''brien; rm -rf $HOME' --session s-1 --output audit.jsonl`,
    );
  });
});
