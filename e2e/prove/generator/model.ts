/** What generated statements are about: tables, columns and the types that expressions have. */

/** Types of expressions, each written as PostgreSQL writes it. */
export const exprTypes = [
  'text',
  'int4',
  'numeric',
  'bool',
  'date',
  'jsonb',
  'bytea',
  'uuid',
  '_text',
  'timestamptz',
] as const;
export type ExprType = (typeof exprTypes)[number];

/** A column that an expression may name. `ref` is ready to be written. */
export interface Column {
  readonly ref: string;
  readonly name: string;
  readonly type: ExprType;
  /** Its mask allows equality: written in a condition, it may be compared with a real value. */
  readonly matches: boolean;
}

/** A relation of the world. */
export interface Table {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: ExprType }[];
  /** What the policy grants; statements try the rest now and then. */
  readonly writable: boolean;
}

function table(name: string, columns: string, writable = false): Table {
  return {
    name,
    writable,
    columns: columns.split(' ').map((spec) => {
      const [column = '', type = 'text'] = spec.split(':');
      return { name: column, type: exprTypes.find((each) => each === type) ?? 'text' };
    }),
  };
}

/** Granted relations, the masked ones first. */
export const tables: readonly Table[] = [
  table(
    'customers',
    'id:int4 name email phone ssn card full_name code salary:numeric birth_date:date doc:jsonb photo:bytea token:uuid secret tags:_text handle region note score:int4 created_at:timestamptz',
    true,
  ),
  table('contacts', 'id:int4 customer_id:int4 email kind remark', true),
  table('accounts', 'id:int4 email elow balance:int4'),
  table('people', 'id:int4 name email', true),
  table('people_vip', 'id:int4 name email level:int4', true),
  table('events', 'id:int4 happened:int4 email kind'),
  table('events_1', 'id:int4 happened:int4 email kind'),
  table('audited', 'id:int4 email note', true),
  table('sales.leads', 'id:int4 region company email value:numeric', true),
  table('orders', 'id:int4 customer_id:int4 region status total:numeric memo', true),
  table('directory', 'id:int4 name region score:int4'),
  table('inbox', 'id:int4 msg'),
];

/** Relations that must be refused, or shown with masks of their own. */
export const forbidden: readonly Table[] = [
  table('payments', 'id:int4 iban'),
  table('customers_v', 'id:int4 contact loud'),
  table('customers_vv', 'contact'),
  table('customers_m', 'id:int4 email salary:numeric'),
  table('events_2', 'id:int4 happened:int4 email kind'),
  table('far_customers', 'id:int4 email'),
];

/** Tables whose email may be matched; all of one data domain. */
export const matchable: ReadonlySet<string> = new Set(['customers', 'contacts', 'accounts']);

/** A function that may be called with expressions. */
export interface Signature {
  readonly name: string;
  readonly args: readonly ExprType[];
  readonly result: ExprType;
}
