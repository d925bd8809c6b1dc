import { encodeRowDescription } from '@daam/shared/pgwire/row-description';
import type { StatementVerdict } from '@daam/shared/sql/verdict';
import { shopAccess } from '@daam/shared/testing/catalog';
import { describe, expect, it } from 'vitest';
import { findResultFault } from './result-assertion.ts';

const access = shopAccess();
const result = (tableOid: number, columnNumber: number): Buffer =>
  encodeRowDescription([
    { name: 'x', tableOid, columnNumber, typeOid: 25, typeSize: -1, typeModifier: -1, format: 0 },
  ]).subarray(5);
const statement = (oid: number, over: Partial<StatementVerdict> = {}): readonly StatementVerdict[] => [
  {
    class: 'pass',
    command: 'SELECT',
    tables: [{ oid, schema: 'public', name: 't', operation: 'select', masked: false }],
    ...over,
  } as StatementVerdict,
];

describe('findResultFault', () => {
  it('lets pass what comes from the tables that were judged, from expressions and from elsewhere', () => {
    expect(findResultFault(result(2, 1), access, statement(2))).toBeNull();
    expect(findResultFault(result(0, 0), access, statement(2))).toBeNull();
    expect(findResultFault(result(1259, 2), access, statement(2))).toBeNull();
  });

  it('finds a masked column, whatever is known of the statement', () => {
    expect(findResultFault(result(1, 3), access, null)).toBe('result-assertion');
    expect(findResultFault(result(1, 3), access, statement(1))).toBe('result-assertion');
  });

  it('finds a table that bears a name which was another’s when the statement was judged', () => {
    expect(findResultFault(result(1, 1), access, statement(2))).toBe('relation-changed');
  });

  it('does not ask that of statements that show what earlier ones named', () => {
    expect(findResultFault(result(1, 1), access, statement(2, { command: 'FETCH' }))).toBeNull();
    expect(findResultFault(result(1, 1), access, statement(2, { class: 'opaque' }))).toBeNull();
    expect(findResultFault(result(1, 1), access, [])).toBeNull();
  });
});
