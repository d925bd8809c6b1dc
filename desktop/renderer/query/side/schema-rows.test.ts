import { describe, expect, it } from 'vitest';
import type { DatabaseObjects, DatabaseTable } from '../../../ipc/schema.ts';
import { quoted, schemaRows } from './schema-rows.ts';

function table(schema: string, name: string): DatabaseTable {
  return {
    schema,
    name,
    kind: 'table',
    operations: ['select'],
    comment: null,
    columns: [
      { name: 'email', type: 'text', isNullable: true, isKey: false, preset: 'email', match: 'none' },
    ],
    foreignKeys: [],
  };
}

const objects: DatabaseObjects = {
  database: 'orders',
  asOf: null,
  epoch: 1,
  searchPath: ['public'],
  isTruncated: false,
  tables: [table('sales', 'customers'), table('sales', 'refunds'), table('hr', 'people')],
};

function names(filter: string, open: string[] = []): string[] {
  return schemaRows(objects, { filter, open: new Set(open) }).map(({ name }) => name);
}

describe('the rows of the schema tree', () => {
  it('are schemas first, and what is opened below them', () => {
    expect(names('')).toEqual(['sales', 'hr']);
    expect(names('', ['schema:sales'])).toEqual(['sales', 'customers', 'refunds', 'hr']);
    expect(names('', ['schema:hr', 'table:hr.people'])).toEqual(['sales', 'hr', 'people', 'email']);
  });

  it('show every table that matches a filter at once', () => {
    expect(names('REF')).toEqual(['sales', 'refunds']);
    expect(names('hr.p')).toEqual(['hr', 'people']);
  });

  it('say in words that a column is masked', () => {
    const rows = schemaRows(objects, { filter: 'people', open: new Set(['table:hr.people']) });
    expect(rows.at(-1)).toMatchObject({ name: 'email', spoken: ', masked: email', isMasked: true });
  });
});

describe('a name that is written into the editor', () => {
  it.each([
    ['email', 'email'],
    ['user', '"user"'],
    ['Order Id', '"Order Id"'],
    ['a"b', '"a""b"'],
    ['1st', '"1st"'],
  ])('%s becomes %s', (name, written) => {
    expect(quoted(name)).toBe(written);
  });
});
