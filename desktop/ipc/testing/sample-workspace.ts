/** What a person keeps, and what a database has, to show screens with. Tests only. */
import type {
  DatabaseObjects,
  HistoryEntry,
  Notification,
  SavedQuery,
  Settings,
  Workspace,
} from '../schema.ts';
import { initialSettings } from '../initial-settings.ts';
import { sampleTime } from './sample.ts';
import { sampleCustomers } from './sample-results.ts';

export const sampleSettings: Settings = { ...initialSettings, pinnedDatabases: ['id-orders'] };

export const sampleWorkspace: Workspace = { tabs: [], active: null };

export const sampleHistory: readonly HistoryEntry[] = Array.from({ length: 60 }, (_, index) => ({
  id: `history-${60 - index}`,
  at: new Date(Date.parse(sampleTime) - index * 3_600_000).toISOString(),
  database: index % 4 === 0 ? { id: 'id-billing', name: 'billing' } : { id: 'id-orders', name: 'orders' },
  sql: index % 7 === 3 ? 'select * from payments' : `select id, email from customers where id = ${index}`,
  outcome: index % 7 === 3 ? 'refused' : 'done',
  sqlstate: index % 7 === 3 ? '42501' : null,
  rows: index % 7 === 3 ? 0 : 1,
  tookMs: 4 + index,
  maskedColumns: index % 7 === 3 ? 0 : 1,
}));

export const sampleSaved: readonly SavedQuery[] = [
  {
    id: 'saved-1',
    name: 'Refunds by country',
    folder: 'Reports',
    description: 'For the Monday meeting.',
    database: 'id-orders',
    sql: 'select country, count(*)\nfrom refunds\ngroup by country\norder by 2 desc',
    changedAt: sampleTime,
  },
  {
    id: 'saved-2',
    name: 'Slow orders',
    folder: '',
    description: '',
    database: null,
    sql: "select * from orders where shipped_at - created_at > interval '3 days'",
    changedAt: sampleTime,
  },
];

export const sampleNotifications: readonly Notification[] = [
  {
    id: 'notice-1',
    at: sampleTime,
    kind: 'request-approved',
    title: 'orders: approved',
    body: 'Your access is open until 14:40.',
    target: { kind: 'request', id: '018f3f0e-0000-7000-8000-000000000001' },
    isRead: false,
  },
];

const shopTables: DatabaseObjects['tables'] = [
  {
    schema: 'public',
    name: 'customers',
    kind: 'table',
    operations: ['select', 'update'],
    comment: null,
    columns: sampleCustomers.columns.map(({ name, type, masks }) => ({
      name,
      type,
      isNullable: name !== 'id',
      isKey: name === 'id',
      preset: masks[0]?.preset ?? null,
      match: masks[0]?.match ?? 'none',
    })),
    foreignKeys: [],
  },
  {
    schema: 'public',
    name: 'orders',
    kind: 'table',
    operations: ['select'],
    comment: 'One row an order.',
    columns: ['id', 'customer_id', 'total', 'status', 'created_at'].map((name) => ({
      name,
      type: name === 'status' ? 'text' : name === 'created_at' ? 'timestamp with time zone' : 'bigint',
      isNullable: false,
      isKey: name === 'id',
      preset: null,
      match: 'none' as const,
    })),
    foreignKeys: [
      { columns: ['customer_id'], schema: 'public', table: 'customers', referencedColumns: ['id'] },
    ],
  },
];

/** `tables` more than the shop's own, of 20 columns each, for the budgets of autocomplete. */
export function sampleObjects(database: string, tables = 0): DatabaseObjects {
  const more = Array.from({ length: tables }, (_, table): DatabaseObjects['tables'][number] => ({
    schema: `area_${table % 20}`,
    name: `table_${table}`,
    kind: 'table',
    operations: ['select'],
    comment: null,
    columns: Array.from({ length: 20 }, (__, column) => ({
      name: `column_${column}`,
      type: 'text',
      isNullable: true,
      isKey: false,
      preset: column === 3 ? ('redact' as const) : null,
      match: 'none' as const,
    })),
    foreignKeys: [],
  }));
  return {
    database,
    asOf: sampleTime,
    epoch: 12,
    searchPath: ['public'],
    tables: [...shopTables, ...more],
    isTruncated: false,
  };
}
