import { describe, expect, it } from 'vitest';
import { type PreparedStatement, PreparedTable } from './prepared.ts';

const statement = (name: string): PreparedStatement => ({ name }) as PreparedStatement;
const [a, b, c] = [statement('a'), statement('b'), statement('c')];
const waiting = { isSettled: false };

function boundTo(table: PreparedTable, name: string): string | undefined {
  return table.portal(name)?.statement.name;
}

describe('the table of portals', () => {
  it('knows the portal that a failed Bind of its name did not replace', () => {
    const table = new PreparedTable();
    table.bind('p', a, waiting);
    const undo = table.bind('p', b, waiting);
    expect(boundTo(table, 'p')).toBe('b');
    undo();
    expect(boundTo(table, 'p')).toBe('a');
  });

  it('finds its way back over several that failed, in the order of their answers', () => {
    const table = new PreparedTable();
    table.bind('p', a, waiting);
    const undoB = table.bind('p', b, waiting);
    const undoC = table.bind('p', c, waiting);
    undoB();
    expect(boundTo(table, 'p')).toBe('c');
    undoC();
    expect(boundTo(table, 'p')).toBe('a');
  });

  it('forgets the name when nothing had it before', () => {
    const table = new PreparedTable();
    table.bind('p', a, waiting)();
    expect(boundTo(table, 'p')).toBeUndefined();
  });

  it('does not hold what can come back no more', () => {
    const table = new PreparedTable();
    for (const each of [a, b, c]) table.bind('', each, { isSettled: true });
    expect(table.portal('')?.replaced?.replaced).toBeUndefined();
  });

  it('has again what a skipped Close did not close', () => {
    const table = new PreparedTable();
    table.prepare(a);
    const undo = table.close('statement', 'a');
    expect(table.statement('a')).toBeUndefined();
    undo();
    expect(table.statement('a')).toBe(a);
  });
});
