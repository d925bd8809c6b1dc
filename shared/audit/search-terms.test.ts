import { describe, expect, it } from 'vitest';
import { maxSearchTerms, maxTerms, searchQuery, termsOf } from './search-terms.ts';

describe('the words of a statement', () => {
  it('are letters, digits, underscores and dollars in lower case, each once', () => {
    expect(termsOf('SELECT c.E_mail, "Größe" FROM public.Customers c WHERE id=$1 -- c')).toEqual([
      'select',
      'c',
      'e_mail',
      'größe',
      'from',
      'public',
      'customers',
      'where',
      'id',
      '$1',
    ]);
  });

  it('are bounded in number and length', () => {
    const text = Array.from({ length: 2 * maxTerms }, (_, index) => `w${index}`).join(' ');
    expect(termsOf(text)).toHaveLength(maxTerms);
    expect(termsOf('x'.repeat(1_000))[0]).toHaveLength(64);
  });
});

describe('a search', () => {
  it('asks for every word, for beginnings, and against words', () => {
    expect(searchQuery('Customers e_mail')).toBe("'customers' & 'e_mail'");
    expect(searchQuery('cust* -insert')).toBe("'cust':* & !'insert'");
    expect(searchQuery('public.customers')).toBe("'public' & 'customers'");
    expect(searchQuery('a-b')).toBe("'a' & 'b'");
  });

  it('is nothing without a word that must occur', () => {
    expect(searchQuery('  ')).toBeNull();
    expect(searchQuery('-insert')).toBeNull();
    expect(searchQuery("':*&|!()")).toBeNull();
  });

  it('can hold nothing but words, whatever is written', () => {
    const alphabet = [
      "'",
      '\\',
      ':',
      '*',
      '&',
      '|',
      '!',
      '(',
      ')',
      '-',
      'a',
      ' ',
      '\u0000',
      'ß',
      '\ud800',
      '<->',
    ];
    let seed = 7;
    const next = (limit: number): number => (seed = (seed * 48_271) % 2_147_483_647) % limit;
    for (let round = 0; round < 2_000; round += 1) {
      const text = Array.from({ length: next(30) }, () => alphabet[next(alphabet.length)]).join('');
      const query = searchQuery(text);
      if (query === null) continue;
      expect(query).toMatch(/^!?'[\p{L}\p{N}_$]+'(?::\*)?(?: & !?'[\p{L}\p{N}_$]+'(?::\*)?)*$/u);
      expect(query.split(' & ').length).toBeLessThanOrEqual(maxSearchTerms);
    }
  });
});
