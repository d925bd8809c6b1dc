import { type AstNode, as, field, list, stringOf, stringsOf, text } from '../ast/node.ts';

/** Names of the columns that a subquery in FROM shows; null when one of them cannot be told from the text. */
export function outputNames(rangeSubselect: AstNode): readonly string[] | null {
  const names = namesOf(as(rangeSubselect['subquery'], 'SelectStmt'));
  const renamed = stringsOf(list(field(rangeSubselect, 'alias') ?? {}, 'colnames')) ?? [];
  return names?.map((name, index) => renamed[index] ?? name) ?? null;
}

function namesOf(select: AstNode | null): readonly string[] | null {
  if (select === null) return null;
  // a set operation is named by its first query
  const left = field(select, 'larg');
  if (left !== null) return namesOf(as(left, 'SelectStmt') ?? left);
  const [row] = list(select, 'valuesLists');
  if (row !== undefined) return list(as(row, 'List') ?? {}, 'items').map((_, index) => `column${index + 1}`);
  const names: string[] = [];
  for (const target of list(select, 'targetList')) {
    const body = as(target, 'ResTarget') ?? {};
    const name = text(body, 'name') ?? stringOf(list(as(body['val'], 'ColumnRef') ?? {}, 'fields').at(-1));
    if (name === null) return null;
    names.push(name);
  }
  return names;
}
