/** Results to show and measure screens with: made from their place, so that a million rows need no memory. Tests only. */
import type { Diagnostic, Mask, ResultColumn } from '../schema.ts';

export interface SampleTable {
  readonly name: string;
  readonly columns: readonly ResultColumn[];
  readonly rows: number;
  readonly text: (row: number, column: number) => string | null;
}

interface ColumnPlan {
  readonly name: string;
  readonly type: string;
  readonly typeOid: number;
  readonly kind: ResultColumn['kind'];
  readonly preset?: Mask['preset'];
  readonly text: (row: number) => string | null;
}

const given = ['Noah', 'Yuki', 'Amara', 'Søren', 'Mei', 'Lucía', 'Omar', 'Ingrid', 'Tariq', 'Zoë'];
const family = [
  'Quinn',
  'Sato',
  'Okafor',
  'Lindqvist',
  'Zhang',
  'García',
  'Haddad',
  'Bauer',
  'Rahman',
  'Novák',
];
const regions = ['eu-west', 'eu-north', 'us-east', 'apac'];

/** A number from a row that looks like chance and is the same every time. */
function scatter(row: number, below: number): number {
  return Math.imul(row + 1, 2_654_435_761) % below >= 0
    ? Math.abs(Math.imul(row + 1, 2_654_435_761)) % below
    : 0;
}

function digits(row: number, length: number): string {
  return String(scatter(row, 10 ** length)).padStart(length, '0');
}

function at(row: number): string {
  return new Date(Date.UTC(2029, 0, 1) + scatter(row, 31_536_000) * 1_000)
    .toISOString()
    .replace('T', ' ')
    .replace('.000Z', '+00');
}

const customers: readonly ColumnPlan[] = [
  { name: 'id', type: 'bigint', typeOid: 20, kind: 'number', text: (row) => String(row + 1) },
  {
    name: 'name',
    type: 'text',
    typeOid: 25,
    kind: 'text',
    text: (row) => `${given[scatter(row, 10)]} ${family[scatter(row * 7, 10)]}`,
  },
  {
    name: 'email',
    type: 'text',
    typeOid: 25,
    kind: 'text',
    preset: 'email',
    text: (row) => `${given[scatter(row, 10)]?.charAt(0).toLowerCase()}***@e***.com`,
  },
  {
    name: 'phone',
    type: 'text',
    typeOid: 25,
    kind: 'text',
    preset: 'phone',
    text: (row) => `***-***-${digits(row, 4)}`,
  },
  {
    name: 'ssn',
    type: 'text',
    typeOid: 25,
    kind: 'text',
    preset: 'ssn',
    text: (row) => `***-**-${digits(row * 3, 4)}`,
  },
  { name: 'salary', type: 'numeric(12,2)', typeOid: 1700, kind: 'number', preset: 'null', text: () => null },
  {
    name: 'region',
    type: 'text',
    typeOid: 25,
    kind: 'text',
    text: (row) => regions[scatter(row, 4)] ?? null,
  },
  {
    name: 'active',
    type: 'boolean',
    typeOid: 16,
    kind: 'boolean',
    text: (row) => (scatter(row, 9) > 2 ? 't' : 'f'),
  },
  {
    name: 'profile',
    type: 'jsonb',
    typeOid: 3802,
    kind: 'json',
    text: (row) =>
      row % 11 === 5
        ? null
        : `{"plan": "${row % 3 === 0 ? 'pro' : 'free'}", "tags": ["a", "b${row % 7}"], "visits": ${scatter(row, 400)}}`,
  },
  {
    name: 'note',
    type: 'text',
    typeOid: 25,
    kind: 'text',
    text: (row) => (row % 5 === 0 ? '' : row % 13 === 4 ? null : `called twice, ${scatter(row, 40)} min`),
  },
  { name: 'created_at', type: 'timestamp with time zone', typeOid: 1184, kind: 'time', text: at },
];

/** Rights, masks and kinds as the sample shop of `npm start` has them. */
export const sampleCustomers = tableOf('customers', customers, 2_500);

/** 1,000,000 × 20: the budgets' result. */
export const sampleMillion = tableOf(
  'events',
  Array.from({ length: 20 }, (_, index): ColumnPlan => {
    const plan = customers[index % customers.length];
    if (plan === undefined) throw new Error('no such column');
    return index < customers.length ? plan : { ...plan, name: `${plan.name}_${index}` };
  }),
  1_000_000,
);

/** Values that a screen must show as they are, and never as markup, commands or layout. */
export const sampleHostile = tableOf(
  'hostile',
  [
    {
      name: '<img src=x onerror=alert(1)>',
      type: 'text',
      typeOid: 25,
      kind: 'text',
      text: (row) => hostileTexts[row % hostileTexts.length] ?? null,
    },
    { name: 'row', type: 'integer', typeOid: 23, kind: 'number', text: (row) => String(row) },
    { name: 'bytes', type: 'bytea', typeOid: 17, kind: 'bytes', text: (row) => `\\x${digits(row, 8)}` },
    { name: 'list', type: 'text[]', typeOid: 1009, kind: 'array', text: () => '{a,"b c",NULL,"d\\"e"}' },
    {
      name: 'long',
      type: 'text',
      typeOid: 25,
      kind: 'text',
      text: (row) => `${'lorem ipsum '.repeat(400)}${row}`,
    },
  ],
  40,
);

const hostileTexts = [
  '<script>alert(1)</script>',
  '"><svg/onload=alert(1)>',
  'javascript:alert(1)',
  '=HYPERLINK("http://example.com")',
  'tab\there, line\nbreak, bell\u0007, null-like NULL',
  '\u202Eright to left\u202C, zero\u200Bwidth, combining e\u0301',
  '***',
  '👩‍👩‍👧 and 𝒜',
];

export const samplePlan = JSON.stringify(
  [
    {
      Plan: {
        'Node Type': 'Sort',
        'Startup Cost': 812.1,
        'Total Cost': 818.35,
        'Plan Rows': 2500,
        'Plan Width': 96,
        'Actual Startup Time': 9.1,
        'Actual Total Time': 9.8,
        'Actual Rows': 2500,
        'Actual Loops': 1,
        'Sort Key': ['c.name'],
        Plans: [
          {
            'Node Type': 'Hash Join',
            'Join Type': 'Inner',
            'Startup Cost': 71.2,
            'Total Cost': 671,
            'Plan Rows': 120,
            'Plan Width': 96,
            'Actual Startup Time': 1.2,
            'Actual Total Time': 7.7,
            'Actual Rows': 2500,
            'Actual Loops': 1,
            'Hash Cond': '(o.customer_id = c.id)',
            Plans: [
              {
                'Node Type': 'Seq Scan',
                'Relation Name': 'orders',
                Alias: 'o',
                'Startup Cost': 0,
                'Total Cost': 412,
                'Plan Rows': 20000,
                'Plan Width': 40,
                'Actual Startup Time': 0.01,
                'Actual Total Time': 3.9,
                'Actual Rows': 20000,
                'Actual Loops': 1,
              },
              {
                'Node Type': 'Hash',
                'Startup Cost': 40,
                'Total Cost': 40,
                'Plan Rows': 2500,
                'Plan Width': 56,
                'Actual Startup Time': 1.1,
                'Actual Total Time': 1.1,
                'Actual Rows': 2500,
                'Actual Loops': 1,
                Plans: [
                  {
                    'Node Type': 'Index Scan',
                    'Relation Name': 'customers',
                    Alias: 'c',
                    'Index Name': 'customers_pkey',
                    'Startup Cost': 0.3,
                    'Total Cost': 40,
                    'Plan Rows': 2500,
                    'Plan Width': 56,
                    'Actual Startup Time': 0.02,
                    'Actual Total Time': 0.7,
                    'Actual Rows': 2500,
                    'Actual Loops': 1,
                    Filter: "(region = 'eu-west')",
                  },
                ],
              },
            ],
          },
        ],
      },
      'Planning Time': 0.4,
      'Execution Time': 10.1,
    },
  ],
  null,
  2,
);

export const sampleDenial: Diagnostic = {
  severity: 'ERROR',
  sqlstate: '42501',
  message: 'permission denied for table payments',
  detail: 'Rule "default deny": no policy grants select on public.payments.',
  hint: 'Ask for access: daam request shop --table public.payments --operation select',
  position: null,
  table: 'public.payments',
  column: null,
};

function tableOf(name: string, plans: readonly ColumnPlan[], rows: number): SampleTable {
  const relation = `public.${name}`;
  const columns = plans.map(({ name: column, type, typeOid, kind, preset }): ResultColumn => {
    const masks: Mask[] =
      preset === undefined
        ? []
        : [
            {
              relation,
              column,
              preset,
              policy: 'analyst',
              version: 12,
              match: column === 'email' ? 'equality' : 'none',
            },
          ];
    return {
      name: column,
      type,
      typeOid,
      kind,
      relation,
      shows: masks.length > 0 ? 'masked' : 'plain',
      masks,
    };
  });
  return { name, columns, rows, text: (row, column) => plans[column]?.text(row) ?? null };
}
