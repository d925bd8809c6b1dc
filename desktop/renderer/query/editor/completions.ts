/** What the editor offers while one writes: only what this person may use, with its type and its mask. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import type { SQLNamespace } from '@codemirror/lang-sql';
import type { DatabaseColumn, DatabaseObjects, DatabaseTable } from '../../../ipc/schema.ts';

export function namespaceOf(objects: DatabaseObjects): SQLNamespace {
  const schemas: Record<string, Record<string, SQLNamespace>> = {};
  for (const table of objects.tables) {
    const schema = (schemas[table.schema] ??= {});
    schema[table.name] = {
      self: {
        label: table.name,
        type: table.kind.endsWith('view') ? 'interface' : 'type',
        detail: tableDetail(table),
      },
      children: table.columns.map(columnCompletion),
    };
  }
  return schemas;
}

/** The schema whose tables need no name before them: the first of the search path that has any, or the only one. */
export function usualSchema({ tables, searchPath }: DatabaseObjects): string | undefined {
  const names = new Set(tables.map(({ schema }) => schema));
  return searchPath.find((schema) => names.has(schema)) ?? (names.size === 1 ? [...names][0] : undefined);
}

function columnCompletion(column: DatabaseColumn): Completion {
  return {
    label: column.name,
    type: 'property',
    detail: column.preset === null ? column.type : `${column.type} ⊘ ${column.preset}`,
  };
}

function tableDetail(table: DatabaseTable): string {
  const masked = table.columns.filter(({ preset }) => preset !== null).length;
  const access = table.operations.some((operation) => operation !== 'select') ? 'read, write' : 'read';
  return masked === 0 ? access : `${access} · ⊘ ${masked}`;
}

interface Joined {
  readonly table: DatabaseTable;
  readonly alias: string;
}

/** After `join b on`, the condition that a foreign key suggests, in both directions. */
export function joinCompletions(objects: DatabaseObjects) {
  return (context: CompletionContext): CompletionResult | null => {
    const before = context.state.sliceDoc(Math.max(0, context.pos - 4_000), context.pos);
    const typed = /\bjoin\b[^;]*\bon\s+([\w.]*)$/i.exec(before);
    if (typed === null) return null;
    const statement = before.slice(before.lastIndexOf(';') + 1);
    const conditions = joinConditions(statement, objects.tables);
    if (conditions.length === 0) return null;
    return {
      from: context.pos - (typed[1]?.length ?? 0),
      options: conditions.map((label) => ({ label, type: 'keyword', detail: 'foreign key', boost: 50 })),
      validFor: /^[\w.]*$/,
    };
  };
}

/** Conditions between the table that was joined last and the ones before. */
export function joinConditions(statement: string, tables: readonly DatabaseTable[]): string[] {
  const joined = readJoined(statement, tables);
  const last = joined.at(-1);
  if (last === undefined) return [];
  return joined.slice(0, -1).flatMap((other) => [...conditionsOf(last, other), ...conditionsOf(other, last)]);
}

function readJoined(statement: string, tables: readonly DatabaseTable[]): Joined[] {
  const names = statement.matchAll(
    /\b(?:from|join)\s+(?:(\w+)\.)?(\w+)(?:\s+(?:as\s+)?(?!on\b|join\b|left\b|right\b|inner\b|where\b|cross\b)(\w+))?/gi,
  );
  return [...names].flatMap(([, schema, name, alias]) => {
    const table = tables.find(
      (candidate) => candidate.name === name && (schema === undefined || candidate.schema === schema),
    );
    return table === undefined ? [] : [{ table, alias: alias ?? table.name }];
  });
}

function conditionsOf(from: Joined, to: Joined): string[] {
  return from.table.foreignKeys
    .filter(({ schema, table }) => schema === to.table.schema && table === to.table.name)
    .map(({ columns, referencedColumns }) =>
      columns
        .map((column, index) => `${from.alias}.${column} = ${to.alias}.${referencedColumns[index] ?? column}`)
        .join(' and '),
    );
}
