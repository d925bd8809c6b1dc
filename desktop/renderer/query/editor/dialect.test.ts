import { sql } from '@codemirror/lang-sql';
import { syntaxTree } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { postgres } from './dialect.ts';

/** Words of a text that the editor takes for keywords. */
function keywordsOf(doc: string): string[] {
  const state = EditorState.create({ doc, extensions: sql({ dialect: postgres }) });
  const found: string[] = [];
  syntaxTree(state).iterate({
    enter: (node) => {
      if (node.name === 'Keyword') found.push(doc.slice(node.from, node.to));
    },
  });
  return found;
}

describe('keywords in the editor', () => {
  it('are what PostgreSQL reserves, and never what columns are usually called', () => {
    expect(
      keywordsOf('select id, name, type, value, data, level, key, status, version, location, source from t'),
    ).toEqual(['select', 'from']);
  });

  it('are the words of a statement', () => {
    const text = 'WITH a AS (DELETE FROM t WHERE b IS NOT NULL RETURNING c) SELECT DISTINCT c FROM a';
    expect(keywordsOf(text)).toEqual(
      'WITH AS DELETE FROM WHERE IS NOT NULL RETURNING SELECT DISTINCT FROM'.split(' '),
    );
    expect(keywordsOf('insert into t values (1) on conflict do update set a = 2')).toEqual(
      'insert into values on conflict do update set'.split(' '),
    );
  });
});
