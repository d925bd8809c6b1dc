/** Random expressions of a wanted type over the columns in scope. */
import type { TestRandom } from '@daam/shared/testing/random';
import { type Column, type ExprType, exprTypes, type Signature, tables } from './model.ts';

/** What expressions are made from. */
export interface ExpressionSource {
  readonly random: TestRandom;
  readonly functions: readonly Signature[];
}

/** Aliases that stand for whole rows. */
export interface ExprScope {
  readonly columns: readonly Column[];
  readonly rows: readonly string[];
}

const literals: Readonly<Record<ExprType, readonly string[]>> = {
  text: [`'x'`, `'a%'`, `'***'`, `''`, `'b***@e***.org'`, `'1'`, `'north'`, `NULL::text`, `'{}'`],
  int4: ['0', '1', '2', '7', '42', '-1', 'NULL::int'],
  numeric: ['0.5', '1000', '-3.25', 'NULL::numeric'],
  bool: ['true', 'false', 'NULL::boolean'],
  date: [`date '2001-02-03'`, 'NULL::date'],
  jsonb: [`'{"k": "v", "n": 1}'::jsonb`, `'[1, 2]'::jsonb`, 'NULL::jsonb'],
  bytea: [`'\\x6162'::bytea`, 'NULL::bytea'],
  uuid: [`'00000000-0000-0000-0000-000000000001'::uuid`, 'NULL::uuid'],
  _text: [`'{a,b}'::text[]`, `ARRAY['x']`, 'NULL::text[]'],
  timestamptz: [`timestamptz '2026-02-03Z'`],
};

/** Grows expressions; `depth` is how many levels may still be added. */
export class Expressions {
  readonly #random: TestRandom;
  readonly #functions: readonly Signature[];
  readonly #byResult: ReadonlyMap<ExprType, readonly Signature[]>;

  constructor({ random, functions }: ExpressionSource) {
    this.#random = random;
    this.#functions = functions;
    this.#byResult = Map.groupBy(functions, ({ result }) => result);
  }

  /** Any type. */
  any(scope: ExprScope, depth: number): { readonly sql: string; readonly type: ExprType } {
    const type = this.#random.chance(0.5) ? 'text' : this.#random.pick(exprTypes);
    return { type, sql: this.of(type, scope, depth) };
  }

  of(type: ExprType, scope: ExprScope, depth: number): string {
    if (depth <= 0 || this.#random.chance(0.25)) return this.#leaf(type, scope);
    switch (this.#random.int(10)) {
      case 0:
        return `CASE WHEN ${this.condition(scope, depth - 1)} THEN ${this.of(type, scope, depth - 1)} ELSE ${this.of(type, scope, depth - 1)} END`;
      case 1:
        return `${this.#random.pick(['coalesce', 'greatest', 'least', 'nullif'])}(${this.of(type, scope, depth - 1)}, ${this.of(type, scope, depth - 1)})`;
      case 2:
        return this.#cast(type, scope, depth);
      case 3:
      case 4:
      case 5:
        return this.#call(type, scope, depth);
      case 6:
        return this.#subquery(type);
      default:
        return type === 'bool' ? this.condition(scope, depth) : this.#operator(type, scope, depth);
    }
  }

  /** A condition; most look at masked columns in ways that a bit oracle would. */
  condition(scope: ExprScope, depth: number): string {
    return `(${this.#bareCondition(scope, depth)})`;
  }

  #bareCondition(scope: ExprScope, depth: number): string {
    const one = (): ExprType => (this.#random.chance(0.6) ? 'text' : this.#random.pick(exprTypes));
    const text = (): string => this.of('text', scope, depth - 1);
    switch (this.#random.int(11)) {
      case 0:
        return `(${this.condition(scope, depth - 1)} ${this.#random.pick(['AND', 'OR'])} ${depth > 0 ? this.condition(scope, depth - 1) : 'true'})`;
      case 1:
        return `NOT (${depth > 0 ? this.condition(scope, depth - 1) : 'false'})`;
      case 2:
        return `${text()} ${this.#random.pick(['LIKE', 'ILIKE', 'NOT LIKE', '~', '~*', 'SIMILAR TO'])} ${this.#random.pick([`'%a%'`, `'b%'`, `'_%@%'`, `'.*'`])}`;
      case 3:
        return `${this.of(one(), scope, depth - 1)} IS ${this.#random.pick(['NULL', 'NOT NULL'])}`;
      case 4: {
        const type = one();
        return `${this.of(type, scope, depth - 1)} IN (${this.of(type, scope, 0)}, ${this.of(type, scope, depth - 1)})`;
      }
      case 5:
        return `${text()} = ANY (${this.of('_text', scope, depth - 1)})`;
      case 6:
        return `EXISTS (SELECT ${this.#random.pick(['1', '*'])} FROM ${this.#random.pick(tables).name} AS e WHERE e.id = ${this.of('int4', scope, 0)})`;
      case 7:
        return `${text()} BETWEEN ${text()} AND ${text()}`;
      default: {
        const type = one();
        const operator = this.#random.pick(['=', '<>', '<', '>', '<=', '>=', 'IS DISTINCT FROM']);
        return `${this.of(type, scope, depth - 1)} ${operator} ${this.of(type, scope, depth - 1)}`;
      }
    }
  }

  #leaf(type: ExprType, scope: ExprScope): string {
    const fitting = scope.columns.filter((column) => column.type === type);
    if (fitting.length > 0 && this.#random.chance(0.8)) return this.#random.pick(fitting).ref;
    if (type === 'jsonb' && scope.rows.length > 0 && this.#random.chance(0.4))
      return `to_jsonb(${this.#random.pick(scope.rows)})`;
    if (type === 'text' && scope.rows.length > 0 && this.#random.chance(0.1))
      return `(${this.#random.pick(scope.rows)})::text`;
    return this.#random.pick(literals[type]);
  }

  #cast(type: ExprType, scope: ExprScope, depth: number): string {
    const from = this.#random.pick<ExprType>(['text', 'text', 'int4', 'numeric', type]);
    const inner = this.of(from, scope, depth - 1);
    return this.#random.chance(0.5) ? `(${inner})::${type}` : `CAST(${inner} AS ${type})`;
  }

  #call(type: ExprType, scope: ExprScope, depth: number): string {
    const choices = this.#byResult.get(type) ?? [];
    if (choices.length === 0) return this.#leaf(type, scope);
    const { name, args } = this.#random.pick(choices);
    const written = args.map((arg) => {
      const value = this.of(arg, scope, depth - 1);
      // Large numbers make some functions take all there is.
      return arg === 'int4' ? `((${value}) % 50)` : value;
    });
    const prefix = this.#random.chance(0.2) ? 'pg_catalog.' : '';
    return `${prefix}"${name}"(${written.join(', ')})`;
  }

  #subquery(type: ExprType): string {
    const { name, columns } = this.#random.pick(tables);
    const scope = {
      rows: ['q'],
      columns: columns.map((column) => ({ ...column, ref: `q.${column.name}`, matches: false })),
    };
    return `(SELECT ${this.of(type, scope, 1)} FROM ${name} AS q ORDER BY q.id LIMIT 1)`;
  }

  #operator(type: ExprType, scope: ExprScope, depth: number): string {
    const sub = (of: ExprType): string => this.of(of, scope, depth - 1);
    switch (type) {
      case 'text':
        return this.#random.pick([
          () => `(${sub('text')} || ${sub('text')})`,
          () => `(${sub('jsonb')} ->> 'k')`,
          () => `(${sub('text')} COLLATE "C")`,
          () => `(${sub('_text')})[1]`,
          () => `substring(${sub('text')} FROM 1 FOR ${this.#random.int(6)})`,
          () => `format('%s|%L|%I', ${sub('text')}, ${sub('text')}, ${sub('text')})`,
          () => `concat_ws(',', ${sub('text')}, ${sub('int4')}, ${sub('date')})`,
          () => `to_json(${sub('text')})::text`,
        ])();
      case 'int4':
        return this.#random.pick([
          () => `(${sub('int4')} ${this.#random.pick(['+', '-', '*', '/', '%'])} ${sub('int4')})`,
          () => `length(${sub('text')})`,
          () => `ascii(${sub('text')})`,
          () => `position('a' IN ${sub('text')})`,
          () => `cardinality(${sub('_text')})`,
          () => `pg_column_size(${sub('text')})`,
        ])();
      case 'numeric':
        return `(${sub('numeric')} ${this.#random.pick(['+', '-', '*'])} ${sub('int4')})`;
      case 'jsonb':
        return this.#random.pick([
          () => `jsonb_build_object('v', ${sub('text')}, 'w', ${sub('numeric')})`,
          () => `(${sub('jsonb')} -> 'k')`,
          () => `to_jsonb(${sub('text')})`,
        ])();
      case '_text':
        return `ARRAY[${sub('text')}, ${sub('text')}]`;
      case 'date':
        return `(${sub('date')} + ${sub('int4')} % 100)`;
      case 'bytea':
        return `convert_to(${sub('text')}, 'UTF8')`;
      case 'bool':
      case 'uuid':
      case 'timestamptz':
        return this.#leaf(type, scope);
      default:
        return type satisfies never;
    }
  }

  /** How many functions there are to call. */
  get functionCount(): number {
    return this.#functions.length;
  }
}
