import { as, list, stringsOf, type TaggedNode, text, unwrap } from '../ast/node.ts';
import { forEachChild } from '../ast/tree.ts';
import { computedFrom, type Lineage, oneOf, resolveColumn, type Trace, type TraceLevel } from './lineage.ts';

/** What goes into an expression. A bare column reference is that column; everything else is computed. */
export function expressionLineage(trace: Trace, node: TaggedNode, level: TraceLevel): Lineage {
  const path = pathOf(node);
  if (path !== null) return resolveColumn(level, path);
  const shown = node.tag === 'SubLink' ? shownBySubquery(trace, node, level) : null;
  if (shown !== null && text(node.body, 'subLinkType') === 'EXPR_SUBLINK') return oneOf(shown.slice(0, 1));
  const sources: Lineage[] = [...(shown ?? [])];
  collect(trace, node, { level, sources });
  return computedFrom(sources);
}

interface Collecting {
  readonly level: TraceLevel;
  readonly sources: Lineage[];
}

function collect(trace: Trace, node: TaggedNode, at: Collecting): void {
  forEachChild(node, (child) => {
    if (child.tag === 'SelectStmt') return;
    const path = pathOf(child);
    if (path !== null) at.sources.push(resolveColumn(at.level, path));
    else if (child.tag === 'ColumnRef') at.sources.push(...wholeRow(child, at.level));
    else {
      if (child.tag === 'SubLink') at.sources.push(...(shownBySubquery(trace, child, at.level) ?? []));
      collect(trace, child, at);
    }
  });
}

/** `t.*` inside an expression: the row. */
function wholeRow(node: TaggedNode, level: TraceLevel): readonly Lineage[] {
  const path = stringsOf(list(node.body, 'fields').slice(0, -1)) ?? [];
  return path.length === 0 ? [] : [resolveColumn(level, path)];
}

/** The parts of a reference to a column; null for `*` and every other node. */
function pathOf(node: TaggedNode): readonly string[] | null {
  if (node.tag !== 'ColumnRef') return null;
  const fields = list(node.body, 'fields');
  return as(fields.at(-1), 'A_Star') === null ? stringsOf(fields) : null;
}

/** EXISTS tells about rows, not about what is in them. */
function shownBySubquery(trace: Trace, node: TaggedNode, level: TraceLevel): readonly Lineage[] | null {
  const query = unwrap(node.body['subselect']);
  if (query === null || text(node.body, 'subLinkType') === 'EXISTS_SUBLINK') return [];
  return trace.query(query, level) ?? [{ kind: 'unknown', masks: [] }];
}

/** The name that the server gives a column; null when it makes one up (PostgreSQL source, FigureColname). */
export function columnName(node: TaggedNode): string | null {
  switch (node.tag) {
    case 'ColumnRef':
      return pathOf(node)?.at(-1) ?? null;
    case 'FuncCall':
      return stringsOf(list(node.body, 'funcname'))?.at(-1) ?? null;
    case 'TypeCast': {
      const inner = unwrap(node.body['arg']);
      return (inner === null ? null : columnName(inner)) ?? typeName(node);
    }
    case 'CollateClause': {
      const inner = unwrap(node.body['arg']);
      return inner === null ? null : columnName(inner);
    }
    case 'CaseExpr': {
      const inner = unwrap(node.body['defresult']);
      return (inner === null ? null : columnName(inner)) ?? 'case';
    }
    case 'SubLink':
      return sublinkNames[text(node.body, 'subLinkType') ?? ''] ?? nameInSubquery(node);
    default:
      return fixedNames[node.tag] ?? null;
  }
}

/** A subquery as a value is named as its only column. */
function nameInSubquery(node: TaggedNode): string | null {
  const query = as(node.body['subselect'], 'SelectStmt');
  const target = query === null ? null : as(list(query, 'targetList')[0], 'ResTarget');
  const value = target === null ? null : unwrap(target['val']);
  if (target === null || value === null || text(node.body, 'subLinkType') !== 'EXPR_SUBLINK') return null;
  return text(target, 'name') ?? columnName(value);
}

const sublinkNames: Readonly<Record<string, string>> = { EXISTS_SUBLINK: 'exists', ARRAY_SUBLINK: 'array' };
const fixedNames: Readonly<Record<string, string>> = {
  CoalesceExpr: 'coalesce',
  A_ArrayExpr: 'array',
  RowExpr: 'row',
  GroupingFunc: 'grouping',
};

function typeName(node: TaggedNode): string | null {
  const type = node.body['typeName'];
  const names = typeof type === 'object' && type !== null ? list(type as TaggedNode['body'], 'names') : [];
  return stringsOf(names)?.at(-1) ?? null;
}
