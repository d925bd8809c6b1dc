/**
 * The gate alone, in this process: what judging a statement costs that was never seen before, without the way to the
 * agent and back. The catalogue is a small one, made by hand.
 */
import { createGate } from '@daam/shared/sql/gate/decide';
import { type Catalog, type CatalogRelation, relationKey } from '@daam/shared/sql/catalog';
import { loadFunctionAllowList } from '@daam/shared/sql/functions/allow-list';
import { loadParser } from '@daam/shared/sql/parser';
import { degradeMask, maskExpression } from '@daam/shared/sql/presets';
import { resolveAccess } from '@daam/shared/sql/resolve-access';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { median } from './statistics.ts';

/** Name, milliseconds of the median. */
export type GateTimes = readonly (readonly [statement: string, ms: number])[];

/** Judges each kind of statement `count` times, every time in a shape of its own. */
export async function measureGate(count: number): Promise<GateTimes> {
  const gate = createGate({
    parser: await loadParser(18),
    functions: loadFunctionAllowList(18),
    maskExpression,
    degradeMask,
  });
  const catalog = makeCatalog();
  const access = resolveAccess(policy, catalog);
  const names = {
    searchPath: ['public'],
    searchPathTouched: false,
    tempRelations: new Set<string>(),
    prepared: new Map<string, never>(),
    elevationAvailable: true,
    opaqueObjects: false,
  };
  return statements.map(([name, make]) => {
    const times: number[] = [];
    for (let shape = 0; shape < count; shape += 1) {
      const sql = make(shape);
      const started = performance.now();
      const verdict = gate.decide({ sql, catalog, access, names, hint: () => null });
      times.push(performance.now() - started);
      if (verdict.kind === 'deny') throw new Error(`${name}: ${verdict.denial.message}`);
    }
    return [name, median(times)];
  });
}

/** As lines for people, with the aim. */
export function gateText(times: GateTimes): string {
  const lines = times.map(([name, ms]) => {
    const aim = name.includes('point select') ? ` (aim: at most 1, ${ms <= 1 ? 'met' : 'NOT met'})` : '';
    return `- ${name}: ${ms.toFixed(3)} ms${aim}`;
  });
  return ['The gate alone, each statement for the first time, median:', ...lines].join('\n');
}

const statements: readonly (readonly [string, (shape: number) => string])[] = [
  ['point select', (n) => `select o${n}.id, o${n}.total from orders o${n} where o${n}.id = ${n}`],
  [
    'masked point select',
    (n) => `select c${n}.name, c${n}.email, c${n}.ssn from customers c${n} where c${n}.id = ${n}`,
  ],
  [
    'join',
    (n) =>
      `select c.email, o.total from customers c join orders o${n} on o${n}.customer = c.id join orders o on o.id = ${n}`,
  ],
  [
    '18 KB INSERT',
    (n) =>
      `insert into orders (id, customer, total) values ${Array.from({ length: 700 }, (_, row) => `(${row}, ${row * 7}, ${row}${n}.5)`).join(', ')}`,
  ],
];

const origin = { policy: 'bench', version: 1 };
const policy: EffectivePolicy = {
  database: 'shop',
  grants: ['customers', 'orders'].map((table) => ({
    schema: 'public',
    table,
    operations: ['select', 'insert'],
    origin,
  })),
  masks: [
    { schema: 'public', table: 'customers', column: 'email', preset: 'email', origin },
    { schema: 'public', table: 'customers', column: 'ssn', preset: 'ssn', origin },
  ],
  rowFilters: [],
  limits: {},
  policies: [origin],
};

function makeCatalog(): Catalog {
  const relations = [
    makeRelation(1, 'customers', ['id', 'name', 'email', 'ssn', 'region']),
    makeRelation(2, 'orders', ['id', 'customer', 'total']),
  ];
  return {
    major: 18,
    database: 'shop',
    version: '1',
    relations: new Map(relations.map((relation) => [relation.oid, relation])),
    byName: new Map(relations.map((relation) => [relationKey('public', relation.name), relation])),
    schemas: new Set(['public']),
    defaultSearchPath: ['public'],
    userFunctions: new Map(),
    userOperators: new Set(),
    userTypes: new Map(),
  };
}

function makeRelation(oid: number, name: string, columns: readonly string[]): CatalogRelation {
  return {
    oid,
    schema: 'public',
    name,
    kind: 'r',
    system: false,
    columns: columns.map((column, index) => ({
      attnum: index + 1,
      name: column,
      typeOid: 25,
      typeName: 'pg_catalog.text',
      baseTypeName: 'pg_catalog.text',
      typeCategory: 'S',
      notNull: false,
      generatedFrom: null,
    })),
    primaryKey: [1],
    userTriggers: [],
    hasRules: false,
    hasUserExpressions: false,
    rowSecurity: false,
    parents: [],
    reads: null,
    lineage: null,
    untraceable: null,
    invokerRights: false,
    foreignKeys: [],
    ownedSequences: [],
  };
}
