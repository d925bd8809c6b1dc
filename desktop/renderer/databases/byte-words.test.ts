import { expect, it } from 'vitest';
import { byteWords } from './byte-words.ts';
import { minuteWords } from './minute-words.ts';

it.each([
  [0, '1 min'],
  [24.2, '25 min'],
  [91, '2 h'],
  [3_000, '3 d'],
])('%d minutes are written as %s', (minutes, words) => {
  expect(minuteWords(minutes)).toBe(words);
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 KB'],
  [84_000, '84 KB'],
  [2_450_000, '2.5 MB'],
  [7e15, '7000 TB'],
])('%i bytes are written as %s', (bytes, words) => {
  expect(byteWords(bytes)).toBe(words);
});
