import {
  as,
  type AstNode,
  field,
  flag,
  list,
  stringsOf,
  type TaggedNode,
  text,
  unwrap,
} from '../ast/node.ts';
import type { GateInput } from '../gate/decide.ts';
import { returningOf } from '../gate/returning.ts';
import type { OutputColumn } from './explanation.ts';
import { columnName, expressionLineage } from './lineage-expression.ts';
import { traceFromItem, traceRelation, traceWith } from './lineage-from.ts';
import {
  findItem,
  innerLevel,
  mergeColumns,
  oneOf,
  type Trace,
  type TraceLevel,
  untraced,
} from './lineage.ts';

/** The columns that a statement shows, and what of each is masked; null when it shows none, or none that is known. */
export function outputColumns(input: GateInput, node: TaggedNode): readonly OutputColumn[] | null {
  const trace: Trace = { input, query: (query, level) => queryColumns(trace, query, level) };
  return statementColumns(trace, node);
}

function statementColumns(trace: Trace, node: TaggedNode): readonly OutputColumn[] | null {
  const { body } = node;
  switch (node.tag) {
    case 'SelectStmt':
      return field(body, 'intoClause') === null ? queryColumns(trace, node, null) : null;
    case 'DeclareCursorStmt':
    case 'PrepareStmt': {
      const query = unwrap(body['query']);
      return query === null ? null : statementColumns(trace, query);
    }
    case 'ExplainStmt':
      return [{ name: 'QUERY PLAN', kind: 'plain', masks: [] }];
    case 'VariableShowStmt':
      return [{ name: text(body, 'name'), kind: 'plain', masks: [] }];
    case 'CopyStmt':
      return flag(body, 'is_from') ? null : copiedColumns(trace, body);
    case 'InsertStmt':
    case 'UpdateStmt':
    case 'DeleteStmt':
    case 'MergeStmt':
      return queryColumns(trace, node, null);
    default:
      return null;
  }
}

function copiedColumns(trace: Trace, body: AstNode): readonly OutputColumn[] | null {
  const query = unwrap(body['query']);
  if (query !== null) return queryColumns(trace, query, null);
  const relation = field(body, 'relation');
  if (relation === null) return null;
  const { columns } = traceRelation(trace, relation, innerLevel(null));
  const named = stringsOf(list(body, 'attlist')) ?? [];
  if (columns === null || named.length === 0) return columns;
  return named.map((name) => columns.find((column) => column.name === name) ?? { name, ...untraced });
}

/** A query or a write, at the top or inside another. */
function queryColumns(
  trace: Trace,
  node: TaggedNode,
  outer: TraceLevel | null,
): readonly OutputColumn[] | null {
  const level = innerLevel(outer);
  traceWith(trace, node.body, level);
  if (node.tag !== 'SelectStmt') return returnedColumns(trace, node, level);
  const sides = ['larg', 'rarg'].flatMap((side) => {
    const body = field(node.body, side);
    return body === null ? [] : [queryColumns(trace, selectNode(body), level)];
  });
  const [left, right] = sides;
  if (left !== undefined && right !== undefined) return mergeColumns(left, right);
  const rows = list(node.body, 'valuesLists');
  if (rows.length > 0) return valuesColumns(trace, rows, level);
  const shown = list(node.body, 'fromClause').map((value) => {
    const item = unwrap(value);
    return item === null ? null : traceFromItem(trace, item, level);
  });
  return targetColumns(trace, list(node.body, 'targetList'), { level, shown });
}

function selectNode(body: AstNode): TaggedNode {
  return as(body, 'SelectStmt') === null
    ? { tag: 'SelectStmt', body, wrapper: null }
    : (unwrap(body) ?? { tag: 'SelectStmt', body, wrapper: null });
}

/** RETURNING: the row that was written, its old and new form (18), and what was joined. */
function returnedColumns(trace: Trace, node: TaggedNode, level: TraceLevel): readonly OutputColumn[] | null {
  const targets = returningOf(node);
  const relation = field(node.body, 'relation');
  if (targets.length === 0 || relation === null) return null;
  const target = traceRelation(trace, relation, level);
  level.items.push(target);
  const joined = [...list(node.body, 'fromClause'), ...list(node.body, 'usingClause')];
  const source = unwrap(node.body['sourceRelation']);
  const items = [...joined.flatMap((value) => unwrap(value) ?? []), ...(source === null ? [] : [source])];
  const shown = [target.columns, ...items.map((item) => traceFromItem(trace, item, level))];
  // only as qualifiers, so behind everything else
  if (trace.input.catalog.major >= 18) {
    const versions = innerLevel(level.parent);
    for (const alias of ['old', 'new']) versions.items.push({ ...target, alias, schema: null });
    return targetColumns(trace, targets, { level: { ...level, parent: versions }, shown });
  }
  return targetColumns(trace, targets, { level, shown });
}

function valuesColumns(trace: Trace, rows: readonly unknown[], level: TraceLevel): readonly OutputColumn[] {
  const first = as(rows[0], 'List');
  const width = first === null ? 0 : list(first, 'items').length;
  return Array.from({ length: width }, (_, index) => {
    const values = rows.map((row) => {
      const value = unwrap(list(as(row, 'List') ?? {}, 'items')[index]);
      return value === null ? untraced : expressionLineage(trace, value, level);
    });
    return { name: `column${index + 1}`, ...oneOf(values) };
  });
}

interface Shown {
  readonly level: TraceLevel;
  /** What a bare `*` shows, item by item. */
  readonly shown: readonly (readonly OutputColumn[] | null)[];
}

function targetColumns(trace: Trace, targets: readonly unknown[], at: Shown): readonly OutputColumn[] {
  return targets.flatMap((value) => {
    const target = as(value, 'ResTarget');
    const node = target === null ? null : unwrap(target['val']);
    if (target === null || node === null) return [{ name: null, ...untraced }];
    const star = starColumns(node, at);
    if (star !== null) return star;
    return [{ name: text(target, 'name') ?? columnName(node), ...expressionLineage(trace, node, at.level) }];
  });
}

function unknownStar(qualifiers: readonly string[]): readonly OutputColumn[] {
  return [{ name: [...qualifiers, '*'].join('.'), ...untraced }];
}

function starColumns(node: TaggedNode, { level, shown }: Shown): readonly OutputColumn[] | null {
  const fields = node.tag === 'ColumnRef' ? list(node.body, 'fields') : [];
  if (as(fields.at(-1), 'A_Star') === null) return null;
  const path = stringsOf(fields.slice(0, -1)) ?? [];
  if (path.length === 0) return shown.flatMap((columns) => columns ?? unknownStar([]));
  return findItem(level, path)?.columns ?? unknownStar(path);
}
