/** Random queries: every shape that a SELECT can have, over masked and unmasked relations. */
import type { TestRandom } from '@daam/shared/testing/random';
import type { Expressions, ExprScope } from './expressions.ts';
import { type Column, type ExprType, forbidden, matchable, type Table, tables } from './model.ts';

/** A query and the columns that it gives. */
export interface Query {
  readonly sql: string;
  readonly columns: readonly { readonly name: string; readonly type: ExprType }[];
}

interface FromItem {
  readonly sql: string;
  readonly alias: string;
  readonly columns: readonly Column[];
}

/** Stands for the e-mail address of a person of the world, as a literal; see statements.ts. */
export const emailMark = (person: number): string => `«${person}»`;

/** How often, out of 1, a statement names what it may not. */
const forbiddenShare = 0.02;

export class Queries {
  readonly #random: TestRandom;
  readonly #expressions: Expressions;
  #aliases = 0;

  constructor({
    random,
    expressions,
  }: {
    readonly random: TestRandom;
    readonly expressions: Expressions;
  }) {
    this.#random = random;
    this.#expressions = expressions;
  }

  /** A whole query; `depth` bounds nesting. */
  query(depth: number): Query {
    if (this.#random.chance(0.04)) return this.#matched();
    switch (depth > 0 ? this.#random.int(9) : 8) {
      case 0:
        return this.#setOperation(depth);
      case 1:
        return this.#with(depth);
      case 2:
        return this.#grouped(depth);
      case 3:
        return this.#windowed(depth);
      case 4:
        return this.#star(depth);
      default:
        return this.#plain(depth);
    }
  }

  /** `SELECT` with expressions of the wanted types, for set operations and INSERT. */
  ofTypes(types: readonly ExprType[], depth: number): string {
    const from = this.#from(depth);
    const scope = scopeOf(from);
    const targets = types.map((type) => this.#expressions.of(type, scope, 2));
    return `SELECT ${targets.join(', ')} FROM ${from.map(({ sql }) => sql).join(', ')}${this.#where(from, scope)}`;
  }

  #plain(depth: number): Query {
    const from = this.#from(depth);
    const scope = scopeOf(from);
    const targets = this.#targets(scope, 1 + this.#random.int(5));
    const distinct = this.#random.chance(0.12) ? 'DISTINCT ' : '';
    const list = targets.map(({ sql, name }) => `${sql} AS ${name}`).join(', ');
    const sql = `SELECT ${distinct}${list} FROM ${from.map((item) => item.sql).join(', ')}${this.#where(from, scope)}`;
    return { columns: targets, sql: `${sql}${this.#tail(scope, targets.length, distinct !== '')}` };
  }

  /**
   * A join on what may be matched. Its rows come in an order that a key decides, which is why they are sorted: nothing
   * in it may depend on which comes first, errors neither.
   */
  #matched(): Query {
    const [left, right] = this.#random.shuffle([
      'customers',
      'contacts',
      'accounts',
      'customers',
      'contacts',
    ]);
    const kind = this.#random.pick(['JOIN', 'JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN']);
    const on = this.#random.pick([
      'l.email = r.email',
      'r.email = l.email',
      'l.email = r.email AND l.id > 9',
    ]);
    const where = this.#random.pick(['', ' WHERE l.id < 90', ' WHERE r.id > 20 AND l.id <> 50']);
    const targets = this.#random.pick([
      'l.id, r.id',
      'l.id, r.id, l.email',
      'r.id, l.id, upper(r.email), r.*',
    ]);
    const sql = `SELECT ${targets} FROM ${left} AS l ${kind} ${right} AS r ON ${on}${where} ORDER BY 1, 2`;
    return { columns: [], sql };
  }

  #star(depth: number): Query {
    const from = this.#from(depth);
    const scope = scopeOf(from);
    const first = from[0];
    const whole = this.#random.pick(['*', `${first?.alias}.*`, `${first?.alias}`, `(${first?.alias}).*`]);
    const wrapped = this.#random.pick([
      whole,
      whole,
      `row_to_json(${first?.alias})`,
      `jsonb_each_text(to_jsonb(${first?.alias}))`,
      `array_agg(${first?.alias})`,
    ]);
    const sql = `SELECT ${wrapped} FROM ${from.map((item) => item.sql).join(', ')}${this.#where(from, scope)}`;
    return { columns: [], sql };
  }

  #grouped(depth: number): Query {
    const from = this.#from(depth);
    const scope = scopeOf(from);
    const keys = [this.#expressions.of('text', scope, 1), this.#expressions.of('int4', scope, 1)].slice(
      this.#random.int(2),
    );
    const text = (): string => this.#expressions.of('text', scope, 2);
    const aggregates = [
      'count(*)',
      `count(DISTINCT ${text()})`,
      `min(${text()})`,
      `max(${this.#expressions.of('numeric', scope, 1)})`,
      `string_agg(${text()}, ',' ORDER BY ${text()})`,
      `array_agg(${text()})`,
      `jsonb_agg(${this.#expressions.any(scope, 1).sql})`,
      `count(*) FILTER (WHERE ${this.#expressions.condition(scope, 1)})`,
      `percentile_disc(0.5) WITHIN GROUP (ORDER BY ${text()})`,
      `bool_or(${this.#expressions.condition(scope, 1)})`,
    ];
    const chosen = this.#random.shuffle(aggregates).slice(0, 2);
    const grouping = this.#random.pick([
      keys.join(', '),
      keys.join(', '),
      `ROLLUP (${keys.join(', ')})`,
      `GROUPING SETS ((${keys.join(', ')}), ())`,
    ]);
    const having = this.#random.chance(0.3)
      ? ` HAVING min(${text()}) ${this.#random.pick(['>', '<>'])} 'a'`
      : '';
    const order = this.#random.chance(0.5) ? ` ORDER BY ${chosen.length}` : '';
    const list = [...chosen, ...keys].join(', ');
    const sql = `SELECT ${list} FROM ${from.map((item) => item.sql).join(', ')}${this.#where(from, scope)}`;
    return { columns: [], sql: `${sql} GROUP BY ${grouping}${having}${order}` };
  }

  #windowed(depth: number): Query {
    const from = this.#from(depth);
    const scope = scopeOf(from);
    const text = (): string => this.#expressions.of('text', scope, 1);
    const frame = this.#random.pick([
      '',
      ' ROWS BETWEEN 1 PRECEDING AND CURRENT ROW',
      ' RANGE UNBOUNDED PRECEDING',
    ]);
    const call = this.#random.pick([
      'row_number()',
      'rank()',
      'ntile(4)',
      `lag(${text()})`,
      `first_value(${text()})`,
      `count(${text()})`,
      `string_agg(${text()}, '')`,
    ]);
    const over = `(PARTITION BY ${text()} ORDER BY ${text()}, ${this.#expressions.of('int4', scope, 1)}${frame})`;
    const sql = `SELECT ${this.#expressions.any(scope, 1).sql}, ${call} OVER ${over} FROM ${from.map((item) => item.sql).join(', ')}`;
    return { columns: [], sql: `${sql}${this.#where(from, scope)}` };
  }

  #setOperation(depth: number): Query {
    const types: ExprType[] = Array.from({ length: 1 + this.#random.int(3) }, () =>
      this.#random.pick<ExprType>(['text', 'text', 'int4', 'numeric', 'date']),
    );
    const operator = this.#random.pick(['UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT ALL', 'EXCEPT']);
    const sql = `${this.ofTypes(types, depth - 1)} ${operator} ${this.ofTypes(types, depth - 1)}`;
    const columns = types.map((type, index) => ({ name: `s${index}`, type }));
    return { columns, sql: this.#random.chance(0.4) ? `${sql} ORDER BY 1 LIMIT 20` : sql };
  }

  #with(depth: number): Query {
    const inner = this.#plain(depth - 1);
    const name = this.#random.pick(['w', 'w', 'customers', 'payments']);
    const list = inner.columns.map((column) => column.name).join(', ');
    const hint = this.#random.pick(['', '', 'MATERIALIZED ', 'NOT MATERIALIZED ']);
    const scope: ExprScope = {
      rows: ['v'],
      columns: inner.columns.map((column) => ({ ...column, ref: `v.${column.name}`, matches: false })),
    };
    const targets = this.#targets(scope, 2);
    const body = `SELECT ${targets.map(({ sql }) => sql).join(', ')} FROM ${name} AS v WHERE ${this.#expressions.condition(scope, 2)}`;
    if (this.#random.chance(0.2)) {
      const recursive = `WITH RECURSIVE r (n, e) AS (SELECT 1, ${this.#expressions.of('text', { rows: ['c'], columns: columnsOf(customers, 'c') }, 1)} FROM customers AS c WHERE c.id = 3 UNION ALL SELECT n + 1, e || n FROM r WHERE n < 4) SELECT * FROM r`;
      return { columns: [], sql: recursive };
    }
    return { columns: [], sql: `WITH ${name} (${list}) AS ${hint}(${inner.sql}) ${body}` };
  }

  /** One to three items that stay small together: whatever comes second is joined by a number. */
  #from(depth: number): readonly FromItem[] {
    const first = this.#item(depth);
    if (this.#random.chance(0.55)) return [first];
    const second = this.#item(depth - 1);
    const [left, right] = [first, second].map(
      ({ columns }) => columns.find(({ type }) => type === 'int4')?.ref,
    );
    const joined = [...first.columns, ...second.columns];
    if (left === undefined || right === undefined)
      return [{ ...first, sql: `${first.sql} CROSS JOIN (SELECT 1 AS one) AS ${second.alias}1` }];
    const kind = this.#random.pick(['JOIN', 'JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN']);
    const condition = `${left} = ${right}`;
    const more =
      this.#random.chance(0.3) && kind !== 'FULL JOIN'
        ? ` AND ${this.#expressions.condition({ columns: joined, rows: [] }, 1)}`
        : '';
    const sql = `${first.sql} ${kind} ${second.sql} ON ${condition}${more}`;
    return [{ sql, alias: first.alias, columns: joined }];
  }

  #item(depth: number): FromItem {
    const alias = `t${(this.#aliases += 1) % 100}`;
    if (depth > 0 && this.#random.chance(0.2)) return this.#derived(alias, depth);
    const isForbidden = this.#random.chance(forbiddenShare);
    const table = isForbidden
      ? this.#random.pick(forbidden)
      : this.#random.chance(0.5)
        ? customers
        : this.#random.pick(tables);
    const name = this.#random.pick(spellingsOf(table.name));
    const sample = this.#random.chance(0.04) ? ' TABLESAMPLE BERNOULLI (50) REPEATABLE (7)' : '';
    const renamed = this.#random.chance(0.06);
    if (!renamed) return { alias, sql: `${name} AS ${alias}${sample}`, columns: columnsOf(table, alias) };
    const columns = columnsOf(table, alias).map((column, index) => ({
      ...column,
      name: `k${index}`,
      ref: `${alias}.k${index}`,
    }));
    return {
      alias,
      sql: `${name} AS ${alias} (${columns.map((column) => column.name).join(', ')})`,
      columns,
    };
  }

  #derived(alias: string, depth: number): FromItem {
    const inner = this.#plain(depth - 1);
    const columns = inner.columns.map((column) => ({
      ...column,
      ref: `${alias}.${column.name}`,
      matches: false,
    }));
    return { alias, sql: `(SELECT * FROM (${inner.sql}) AS inside LIMIT 30) AS ${alias}`, columns };
  }

  #targets(scope: ExprScope, count: number) {
    return Array.from({ length: count }, (_, index) => {
      const { sql, type } = this.#expressions.any(scope, 3);
      return { sql, type, name: `x${index}` };
    });
  }

  /** Conditions; some compare a column that may be matched with a value that exists in the world. */
  #where(from: readonly FromItem[], scope: ExprScope): string {
    const parts: string[] = [];
    if (this.#random.chance(0.5)) parts.push(this.#expressions.condition(scope, 2));
    const email = from.flatMap(({ columns }) => columns).find(({ matches }) => matches);
    if (email !== undefined && this.#random.chance(0.15)) {
      const mark = (): string => emailMark(1 + this.#random.int(12));
      parts.push(
        this.#random.pick([
          `${email.ref} = ${mark()}`,
          `${mark()} = ${email.ref}`,
          `${email.ref} IN (${mark()}, ${mark()})`,
          `${email.ref} IS NOT NULL`,
          `${email.ref} = ANY (ARRAY[${mark()}, 'nobody'])`,
        ]),
      );
    }
    if (this.#random.chance(0.2)) parts.push(this.#expressions.condition(scope, 1));
    return parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`;
  }

  #tail(scope: ExprScope, count: number, isDistinct: boolean): string {
    let tail = '';
    if (isDistinct) tail += this.#random.chance(0.5) ? ` ORDER BY ${1 + this.#random.int(count)}` : '';
    else if (this.#random.chance(0.4))
      tail += ` ORDER BY ${this.#expressions.any(scope, 2).sql} ${this.#random.pick(['', 'DESC', 'NULLS FIRST'])}`;
    if (this.#random.chance(0.4)) tail += ` LIMIT ${this.#random.int(30)}`;
    if (this.#random.chance(0.1)) tail += ` OFFSET ${this.#random.int(5)}`;
    if (tail === '' && this.#random.chance(0.04)) tail = ' FOR UPDATE';
    return tail;
  }
}

const customers: Table = tables[0] ?? { name: 'customers', columns: [], writable: true };

/** The columns of a table under an alias. */
export function columnsOf(table: Table, alias: string): readonly Column[] {
  return table.columns.map(({ name, type }) => ({
    name,
    type,
    ref: `${alias}.${name}`,
    matches: name === 'email' && matchable.has(table.name),
  }));
}

function scopeOf(from: readonly FromItem[]): ExprScope {
  return { columns: from.flatMap(({ columns }) => columns), rows: from.map(({ alias }) => alias) };
}

function spellingsOf(name: string): readonly string[] {
  if (name.includes('.') || name.startsWith('pg_')) return [name];
  return [name, name, `public.${name}`, `"${name}"`, `ONLY ${name}`, `shop.public.${name}`];
}
