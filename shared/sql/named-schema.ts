import type { EffectivePolicy, FilterScalar } from '../policy/effective-policy.ts';
import { matchesTable } from '../policy/pattern.ts';
import type { DatabaseSchema, ReportedColumn } from './database-schema.ts';

/**
 * A schema made from what policies name, for the time before an agent has reported the real one: each table pattern is a
 * table of that very name (`sales.*` too), with the columns that rules of the same or a wider pattern name. Rights can be
 * compared on it; what views, keys and partitions inherit cannot be known.
 */
export function schemaOfNames(policies: readonly EffectivePolicy[]): DatabaseSchema {
  const columns = policies.flatMap(namedColumns);
  const tables = new Map(
    policies.flatMap(({ grants, masks, rowFilters }) =>
      [...grants, ...masks, ...rowFilters].map(
        ({ schema, table }) => [JSON.stringify([schema, table]), { schema, table }] as const,
      ),
    ),
  );
  return {
    database: policies[0]?.database ?? 'database',
    major: 18,
    scope: null,
    searchPath: [],
    system: [],
    omitted: 0,
    tables: [...tables.entries()]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { schema, table }], at) => ({
        oid: at + 1,
        schema,
        name: table,
        kind: 'table' as const,
        columns: columnsOf(columns.filter((column) => matchesTable(column, { schema, table }))),
      })),
  };
}

interface NamedColumn {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly value?: FilterScalar | undefined;
}

function namedColumns(policy: EffectivePolicy): NamedColumn[] {
  const { grants, masks, unmasks = [], rowFilters } = policy;
  return [
    ...grants.flatMap(({ schema, table, columns = [] }) =>
      columns.map((column) => ({ schema, table, column })),
    ),
    ...[...masks, ...unmasks].map(({ schema, table, column }) => ({ schema, table, column })),
    ...rowFilters.flatMap(({ schema, table, where }) =>
      where.map(({ column, value }) => ({
        schema,
        table,
        column,
        value: Array.isArray(value)
          ? (value as readonly FilterScalar[])[0]
          : (value as FilterScalar | undefined),
      })),
    ),
  ];
}

/** A filter's value tells the type of its column; else it is a text. */
function columnsOf(named: readonly NamedColumn[]): ReportedColumn[] {
  const byName = Map.groupBy(named, ({ column }) => column);
  return [...byName].map(([name, same], at) => {
    const value = same.find((each) => each.value !== undefined)?.value;
    const [type, category] =
      typeof value === 'number'
        ? ['pg_catalog.numeric', 'N']
        : typeof value === 'boolean'
          ? ['pg_catalog.bool', 'B']
          : ['pg_catalog.text', 'S'];
    return { attnum: at + 1, name, type, category };
  });
}
