/**
 * Stands in for the test runner within a mutation run: `describe`, `test` and `expect` as the tests of the gate use
 * them. The tests are collected once and run again for every fault.
 */
import { expect as vitestExpect } from 'vitest';

export interface CollectedTest {
  readonly name: string;
  readonly run: () => unknown;
}

let collected: CollectedTest[] = [];
let path: string[] = [];

/** Everything that the files loaded so far have declared. */
export function collectedTests(): readonly CollectedTest[] {
  return collected;
}

/** Before the files are loaded again. */
export function forgetTests(): void {
  collected = [];
}

type Body = (...args: never[]) => unknown;

function declare(name: string, body: Body, args: readonly unknown[]): void {
  const run = body as (...args: readonly unknown[]) => unknown;
  collected.push({ name: [...path, name].join(' > '), run: () => run(...args) });
}

function group(name: string, body: Body, args: readonly unknown[]): void {
  const before = path;
  path = [...path, name];
  (body as (...args: readonly unknown[]) => unknown)(...args);
  path = before;
}

type Row = readonly unknown[];

const each =
  (into: (name: string, body: Body, args: Row) => void) =>
  (table: readonly unknown[]) =>
  (name: string, body: Body): void => {
    for (const [index, entry] of table.entries()) {
      const args: Row = Array.isArray(entry) ? (entry as Row) : [entry];
      into(`${name} #${index + 1}`, body, args);
    }
  };

/** Tests under a condition that is not met are not there. */
const never = Object.assign((): void => {}, { each: () => (): void => {} });
const runnable = Object.assign((name: string, body: Body): void => declare(name, body, []), {
  each: each(declare),
});
export const test = Object.assign(runnable, {
  runIf: (isMet: boolean): typeof runnable | typeof never => (isMet ? runnable : never),
  skipIf: (isMet: boolean): typeof runnable | typeof never => (isMet ? never : runnable),
});
export const it = test;
export const describe = Object.assign((name: string, body: Body): void => group(name, body, []), {
  each: each(group),
});
export const expect = vitestExpect;

/** Files that prepare something need more than this. */
export function beforeAll(): never {
  throw new TypeError('a test file with beforeAll cannot be part of a mutation run');
}
