/** Random conversations: what a session sends from its first statement to its last. */
import { type TestRandom, testRandom } from '@daam/shared/testing/random';
import { escapeLiteral } from 'pg';
import { emailOf, type WorldSeed } from '../world/values.ts';
import type { Act } from '../wire.ts';
import { Expressions } from './expressions.ts';
import { type Signature, tables } from './model.ts';
import { columnsOf, emailMark, Queries } from './queries.ts';

/** What conversations are made from. */
export interface GeneratorOptions {
  readonly seed: number;
  readonly functions: readonly Signature[];
}

type Kind = 'select' | 'write' | 'copy' | 'cursor' | 'explain' | 'prepare' | 'opaque' | 'error' | 'session';

/** How often each kind comes, out of 100. */
const shares: readonly (readonly [Kind, number])[] = [
  ['select', 62],
  ['write', 14],
  ['copy', 5],
  ['cursor', 4],
  ['explain', 5],
  ['prepare', 3],
  ['error', 4],
  ['session', 2],
  ['opaque', 1],
];

/** Makes conversations of statements, each from the seed and its own number alone. */
export class Conversations {
  readonly #options: GeneratorOptions;

  constructor(options: GeneratorOptions) {
    this.#options = options;
  }

  /** The acts of conversation `index`; texts hold marks for values that are the worlds' own (`inWorld`). */
  conversation(index: number, length: number): readonly Act[] {
    const random = testRandom(this.#options.seed * 1_000_003 + index);
    const expressions = new Expressions({ random, functions: this.#options.functions });
    const queries = new Queries({ random, expressions });
    const writer = new StatementWriter({ random, expressions, queries });
    const acts: Act[] = [];
    while (acts.length < length) acts.push(...writer.next());
    return acts;
  }
}

/** An act as it is said in one world: marks become the literals of that world. */
export function inWorld(act: Act, world: WorldSeed): Act {
  if (act.kind === 'raw' || !act.sql.includes('«')) return act;
  const sql = act.sql.replaceAll(/«(\d+)»/g, (_, person: string) =>
    escapeLiteral(emailOf(world, Number(person)) ?? 'nobody').trimStart(),
  );
  return { ...act, sql };
}

/** The act with nobody's address in place of each mark: for clients that must not know a real value. */
export function withoutMarks(act: Act): Act {
  return act.kind === 'raw' ? act : { ...act, sql: withoutMark(act.sql) };
}

function withoutMark(sql: string): string {
  return sql.replaceAll(/«\d+»/g, `'nobody@example.com'`);
}

interface WriterParts {
  readonly random: TestRandom;
  readonly expressions: Expressions;
  readonly queries: Queries;
}

class StatementWriter {
  readonly #random: TestRandom;
  readonly #expressions: Expressions;
  readonly #queries: Queries;
  #names = 0;

  constructor({ random, expressions, queries }: WriterParts) {
    this.#random = random;
    this.#expressions = expressions;
    this.#queries = queries;
  }

  next(): readonly Act[] {
    switch (this.#kind()) {
      case 'select':
        return [this.#act(this.#queries.query(2).sql)];
      case 'write':
        return this.#inTransaction([this.#write()]);
      case 'copy':
        return [this.#copy()];
      case 'cursor':
        return this.#inTransaction(this.#cursor());
      case 'explain':
        return [this.#act(this.#explain())];
      case 'prepare':
        return this.#prepare();
      case 'error':
        return [this.#act(this.#error())];
      case 'session':
        return this.#session();
      case 'opaque':
        return this.#opaque();
      default:
        throw new TypeError('a kind without statements');
    }
  }

  #kind(): Kind {
    let roll = this.#random.int(100);
    for (const [kind, share] of shares) {
      if (roll < share) return kind;
      roll -= share;
    }
    return 'select';
  }

  /** By the simple or the extended protocol, in text or binary, whole or in portions. */
  #act(sql: string): Act {
    if (this.#random.chance(0.5)) return { kind: 'simple', sql };
    const limited = this.#random.chance(0.15) ? { maxRows: 1 + this.#random.int(4) } : {};
    return { kind: 'extended', sql, format: this.#random.chance(0.4) ? 1 : 0, ...limited };
  }

  #inTransaction(acts: readonly (string | Act)[]): readonly Act[] {
    const inside = acts.map((act) => (typeof act === 'string' ? this.#act(act) : act));
    return [{ kind: 'simple', sql: 'BEGIN' }, ...inside, { kind: 'simple', sql: 'ROLLBACK' }];
  }

  #write(): string {
    const table = this.#random.pick(tables.filter(({ writable }) => writable));
    const scope = { rows: ['d'], columns: columnsOf(table, 'd') };
    const column = this.#random.pick(table.columns.slice(1));
    const value = this.#expressions.of(column.type, scope, this.#random.int(3));
    const returning = this.#random.pick([
      '',
      ' RETURNING *',
      ' RETURNING d.*',
      ` RETURNING ${this.#expressions.any(scope, 2).sql}`,
      ` RETURNING d.id, ${this.#expressions.of('text', scope, 2)} AS shown`,
      ' RETURNING row_to_json(d)',
    ]);
    const where = this.#where(table.name, scope);
    switch (this.#random.int(6)) {
      case 0:
        return `DELETE FROM ${table.name} AS d${where}${returning}`;
      case 1:
        return `DELETE FROM ${table.name} AS d USING orders AS o WHERE o.id = d.id AND ${this.#expressions.condition(scope, 1)}${returning}`;
      case 2: {
        const names = table.columns.slice(0, 3);
        const values = names.map(({ type }, index) =>
          index === 0 ? '9001' : this.#expressions.of(type, none, 1),
        );
        const conflict = this.#random.pick(['', ' ON CONFLICT DO NOTHING', ' ON CONFLICT (id) DO NOTHING']);
        return `INSERT INTO ${table.name} AS d (${names.map(({ name }) => name).join(', ')}) VALUES (${values.join(', ')})${conflict}${returning}`;
      }
      case 3: {
        const names = table.columns.slice(0, 3);
        const types = names.map(({ type }) => type);
        return `INSERT INTO ${table.name} (${names.map(({ name }) => name).join(', ')}) ${this.#queries.ofTypes(types, 0)}`;
      }
      case 4:
        return `WITH gone AS (UPDATE ${table.name} AS d SET ${column.name} = ${value}${where} RETURNING *) SELECT * FROM gone`;
      default:
        return `UPDATE ${table.name} AS d SET ${column.name} = ${value}${where}${returning}`;
    }
  }

  #where(table: string, scope: Parameters<Expressions['condition']>[0]): string {
    if (this.#random.chance(0.1)) return '';
    const id = `d.id ${this.#random.pick(['=', '<', '>'])} ${this.#random.int(60)}`;
    if (table === 'customers' && this.#random.chance(0.2))
      return ` WHERE d.email = ${emailMark(1 + this.#random.int(12))}`;
    return this.#random.chance(0.5)
      ? ` WHERE ${id}`
      : ` WHERE ${id} AND ${this.#expressions.condition(scope, 2)}`;
  }

  #copy(): Act {
    const query = this.#queries.query(1).sql;
    const options = this.#random.pick(['', ' WITH (FORMAT csv, HEADER)', ' WITH (FORMAT binary)', ' CSV']);
    const table = this.#random.pick(tables).name;
    const sql = this.#random.pick([
      `COPY (${query}) TO STDOUT${options}`,
      `COPY ${table} TO STDOUT${options}`,
      `COPY customers (id, email, ssn, name) TO STDOUT${options}`,
    ]);
    return { kind: 'simple', sql };
  }

  #cursor(): readonly string[] {
    const name = this.#name('c');
    const options = this.#random.pick(['', ' SCROLL', ' NO SCROLL', ' BINARY']);
    return [
      `DECLARE ${name}${options} CURSOR FOR ${this.#queries.query(1).sql}`,
      `FETCH ${this.#random.int(5)} FROM ${name}`,
      `MOVE ${this.#random.int(3)} IN ${name}`,
      `FETCH ${this.#random.pick(['NEXT', 'ALL', 'FORWARD 2'])} FROM ${name}`,
      `CLOSE ${name}`,
    ];
  }

  #explain(): string {
    const options = this.#random.pick([
      '',
      ' (COSTS OFF)',
      ' VERBOSE',
      ' (FORMAT JSON)',
      ' (ANALYZE, TIMING OFF, SUMMARY OFF, BUFFERS OFF)',
      ' (VERBOSE, COSTS OFF, FORMAT JSON)',
    ]);
    // A plan repeats the literals of the statement, so that they must be the same in both worlds.
    return withoutMark(`EXPLAIN${options} ${this.#queries.query(1).sql}`);
  }

  #prepare(): readonly Act[] {
    const name = this.#name('p');
    return [
      { kind: 'simple', sql: `PREPARE ${name} AS ${this.#queries.query(1).sql}` },
      { kind: 'simple', sql: `EXECUTE ${name}` },
      { kind: 'simple', sql: this.#random.pick([`DEALLOCATE ${name}`, `EXECUTE ${name}`, 'DEALLOCATE ALL']) },
    ];
  }

  #error(): string {
    const scope = { rows: ['c'], columns: columnsOf(tables[0] ?? fail(), 'c') };
    const text = this.#expressions.of('text', scope, 1);
    return this.#random.pick([
      `SELECT (${text})::int FROM customers AS c`,
      `SELECT (${text})::date FROM customers AS c WHERE c.id < 9`,
      `SELECT 1 / (CASE WHEN ${this.#expressions.condition(scope, 1)} THEN 0 ELSE 1 END) FROM customers AS c`,
      `SELECT c.nothing FROM customers AS c`,
      `SELECT ${text} FROM customers AS c GROUP BY c.region`,
      `SELECT (${text})::inet, (${text})::uuid FROM customers AS c`,
      `SELEC ${text}`,
      `SELECT ${text} FROM nowhere AS c`,
      `UPDATE customers SET ssn = 'forbidden' WHERE id = ${this.#random.int(40)}`,
      `UPDATE customers AS c SET score = (${text})::int WHERE id = 3`,
      `INSERT INTO customers (id, name) VALUES (1, 'x')`,
      `SELECT (${text})::int4range, to_date(${text}, 'YYYY') FROM customers AS c`,
    ]);
  }

  #session(): readonly Act[] {
    const table = this.#name('tmp');
    return this.#random
      .pick<readonly string[]>([
        [
          `CREATE TEMP TABLE ${table} AS ${this.#queries.query(1).sql}`,
          `SELECT * FROM ${table}`,
          `DROP TABLE ${table}`,
        ],
        [`SELECT id, email, ssn INTO TEMP ${table} FROM customers WHERE id < 5`, `TABLE ${table}`],
        [`SET enable_hashjoin = off`, this.#queries.query(1).sql, `RESET enable_hashjoin`],
        [`SET enable_seqscan = off`, this.#queries.query(1).sql, `RESET ALL`],
        [`SHOW search_path`, 'DISCARD ALL'],
        [`VALUES (1, 'x')`, `TABLE customers`, `SELECT email FROM customers; SELECT count(*) FROM orders`],
      ])
      .map((sql) => this.#act(sql));
  }

  /** Ends elevation for the session: the rest of the conversation runs in base. */
  #opaque(): readonly Act[] {
    const inner = this.#queries.query(1).sql;
    return [
      this.#random.pick([
        `DO $x$ BEGIN PERFORM count(*) FROM (${inner}) AS q; RAISE NOTICE 'done'; END $x$`,
        `DO $x$ DECLARE v text; BEGIN SELECT email INTO v FROM customers WHERE id = 3; RAISE NOTICE 'v %', v; END $x$`,
        `SELECT invoker_email(3)`,
        `SELECT definer_email(3)`,
        `SELECT * FROM pg_stats WHERE schemaname = 'public' ORDER BY tablename, attname, inherited`,
      ]),
    ].map((sql) => ({ kind: 'simple', sql }));
  }

  #name(prefix: string): string {
    this.#names += 1;
    return `${prefix}${this.#names}`;
  }
}

const none = { rows: [], columns: [] };

function fail(): never {
  throw new TypeError('there are no tables');
}
