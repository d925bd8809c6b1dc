import { describe, expect, it } from 'vitest';
import { rank } from './rank.ts';

const items = [
  { title: 'sales.customers', group: 'orders' },
  { title: 'Run statement', group: 'Query' },
  { title: 'orders', group: 'Databases' },
  { title: 'hr.customer_notes', group: 'orders' },
];

function titles(text: string): string[] {
  return rank(items, text, 10).map(({ title }) => title);
}

describe('what the palette finds', () => {
  it('puts the beginning before a word before letters in order', () => {
    expect(titles('ord')[0]).toBe('orders');
    expect(titles('cust')[0]).toBe('sales.customers');
    expect(titles('rs')).toContain('Run statement');
  });

  it('needs every word, from the title or the group', () => {
    expect(titles('orders cust')).toEqual(['sales.customers', 'hr.customer_notes']);
    expect(titles('orders xyz')).toEqual([]);
  });

  it('shows the first ones while nothing is typed, and never more than asked for', () => {
    expect(titles(' ')).toHaveLength(4);
    expect(rank(items, '', 2)).toHaveLength(2);
  });

  it('looks through ten thousand names, each by two words, without a noticeable wait', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({
      title: `schema.table_${index}`,
      group: 'orders',
    }));
    const start = performance.now();
    expect(rank(many, 'table 99', 50)).toHaveLength(50);
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
