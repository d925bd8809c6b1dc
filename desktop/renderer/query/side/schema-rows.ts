import type { DatabaseColumn, DatabaseObjects, DatabaseTable } from '../../../ipc/schema.ts';

/** A row of the schema tree. */
export interface SchemaRow {
  readonly id: string;
  readonly level: number;
  readonly name: string;
  /** What a screen reader says after the name: operations, masks. */
  readonly spoken: string;
  readonly detail: string;
  readonly isMasked: boolean;
  readonly isKey: boolean;
  /** Null: it cannot be opened. */
  readonly isOpen: boolean | null;
  /** What Enter writes into the editor; null: it opens instead. */
  readonly insert: string | null;
}

/** The rows that are seen. With a filter, every table that matches is there, and only opened ones show columns. */
export function schemaRows(
  objects: DatabaseObjects,
  { filter, open }: { readonly filter: string; readonly open: ReadonlySet<string> },
): SchemaRow[] {
  const wanted = filter.trim().toLowerCase();
  const schemas = Map.groupBy(
    objects.tables.filter(({ schema, name }) => `${schema}.${name}`.toLowerCase().includes(wanted)),
    ({ schema }) => schema,
  );
  const isAlone = schemas.size === 1;
  return [...schemas].flatMap(([schema, tables]) => {
    const id = `schema:${schema}`;
    const isOpen = isAlone || wanted !== '' ? !open.has(id) : open.has(id);
    return [
      schemaRow(id, schema, tables.length, isOpen),
      ...(isOpen ? tables.flatMap((table) => tableRows(table, open)) : []),
    ];
  });
}

function schemaRow(id: string, name: string, tables: number, isOpen: boolean): SchemaRow {
  const detail = tables === 1 ? '1 table' : `${tables} tables`;
  return {
    id,
    level: 1,
    name,
    spoken: '',
    detail,
    isMasked: false,
    isKey: false,
    isOpen,
    insert: null,
  };
}

function tableRows(table: DatabaseTable, open: ReadonlySet<string>): SchemaRow[] {
  const id = `table:${table.schema}.${table.name}`;
  const isOpen = open.has(id);
  const masked = table.columns.filter(({ preset }) => preset !== null).length;
  const detail = masked === 0 ? kindWords[table.kind] : `${kindWords[table.kind]} ⊘${masked}`.trim();
  const row: SchemaRow = {
    id,
    level: 2,
    name: table.name,
    spoken: `, ${table.operations.join(' ')}${masked === 0 ? '' : `, ${masked} masked columns`}`,
    detail,
    isMasked: false,
    isKey: false,
    isOpen,
    insert: `${quoted(table.schema)}.${quoted(table.name)}`,
  };
  return [row, ...(isOpen ? table.columns.map((column) => columnRow(id, column)) : [])];
}

const kindWords: Readonly<Record<DatabaseTable['kind'], string>> = {
  table: '',
  'partitioned-table': 'parts',
  view: 'view',
  'materialized-view': 'mat. view',
  'foreign-table': 'foreign',
};

function columnRow(table: string, column: DatabaseColumn): SchemaRow {
  const mask = column.preset === null ? '' : `, masked: ${column.preset}`;
  return {
    id: `${table}.${column.name}`,
    level: 3,
    name: column.name,
    spoken: `${column.isKey ? ', key' : ''}${mask}`,
    detail: column.type,
    isMasked: column.preset !== null,
    isKey: column.isKey,
    isOpen: null,
    insert: quoted(column.name),
  };
}

/** A name as SQL needs it: quoted where it would be read as something else. */
export function quoted(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) && !reserved.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** Reserved in PostgreSQL 18 (docs, Appendix C): a name that is one of them needs quotes. */
const reserved = new Set(
  'all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral leading limit localtime localtimestamp not null offset on only or order placing primary references returning select session_user some symmetric system_user table then to trailing true union unique user using variadic when where window with'.split(
    ' ',
  ),
);
