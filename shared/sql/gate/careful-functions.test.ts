import { describe, expect, test } from 'vitest';
import { shopCatalog } from '../../testing/catalog.ts';
import { gateFor, outcomeOf } from '../../testing/gate.ts';
import { loadFunctionAllowList } from '../functions/allow-list.ts';

const { decide } = await gateFor(18, loadFunctionAllowList(18));

describe('built-in functions that may reach code made by users', () => {
  test.each([
    `SELECT pg_input_is_valid(email, 'int4') FROM customers`,
    `SELECT pg_input_error_info(email, 'varchar(10)') FROM customers`,
    `SELECT pg_input_is_valid(email, 'pg_catalog.int4[]') FROM customers`,
    `SELECT email, obj_description(1, 'pg_class') FROM customers`,
  ])('%s may read real values', (sql) => {
    expect(outcomeOf(decide(sql))).toBe('rewrite/elevated');
  });

  test.each([
    [`SELECT pg_input_is_valid(email, 'checked') FROM customers`, 'transaction'],
    [`SELECT pg_input_is_valid(email, 'public."checked"[]') FROM customers`, 'transaction'],
    [`SELECT pg_input_is_valid(email, 'customers') FROM customers`, 'transaction'],
    ['SELECT pg_input_is_valid(email, note) FROM customers', 'transaction'],
    [`SELECT email, jsonb_populate_record(o, '{}') FROM customers, orders o`, null],
    [`SELECT email, json_populate_recordset(o, '[]') FROM customers, orders o`, null],
  ])('%s stays in base', (sql, taint) => {
    expect(decide(sql)).toMatchObject({ tier: 'base', taint, degraded: true });
  });

  test('a body in SQL stays in base where an operator has a twin', () => {
    const catalog = shopCatalog(18, { userOperators: new Set(['=']) });
    expect(decide('SELECT obj_description(1)', { catalog })).toMatchObject({ tier: 'base' });
  });

  test.each(['domain_in', 'record_in', 'array_in', 'range_in'])('%s is refused', (name) => {
    expect(outcomeOf(decide(`SELECT ${name}('x', 601, -1)`))).toBe('deny:function-allow-list');
  });
});
