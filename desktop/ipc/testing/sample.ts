/** Databases and a status to test screens and transports with. */
import type { Database, Status } from '../schema.ts';

export const sampleTime = '2030-01-15T09:41:00Z';

export const sampleStatus: Status = {
  version: '0.1.0',
  account: {
    email: 'dev@example.com',
    organization: 'Example',
    role: 'member',
    userId: '018f3f0e-0000-7000-8000-0000000000aa',
    deviceId: '018f3f0e-0000-7000-8000-0000000000bb',
    deviceName: 'laptop',
    controlPlane: 'https://daam.example.com',
    signedInWith: 'passkey',
    endsAt: '2030-01-15T17:41:00Z',
  },
  controlPlane: { kind: 'online' },
  databasesAsOf: sampleTime,
};

/** A database with the usual values, changed where the test says. */
export function sampleDatabase(changes: Partial<Database> & { readonly name: string }): Database {
  return {
    id: `id-${changes.name}`,
    environment: 'production',
    postgresVersion: '18.4',
    access: {
      policies: [{ name: 'analyst', version: 12 }],
      operations: ['select'],
      maskedColumns: 2,
    },
    port: null,
    blocked: null,
    connection: { kind: 'disconnected' },
    ...changes,
  };
}

/** One of each kind: idle, sticky port, unreachable agent, several policies, nothing known but the name. */
export const sampleDatabases: readonly Database[] = [
  sampleDatabase({ name: 'orders' }),
  sampleDatabase({
    name: 'billing',
    postgresVersion: '16.14',
    port: 54_322,
    access: {
      policies: [{ name: 'support', version: 3 }],
      operations: ['select', 'update'],
      maskedColumns: 11,
    },
  }),
  sampleDatabase({
    name: 'warehouse',
    postgresVersion: '17.10',
    blocked: {
      code: 'UPSTREAM_UNAVAILABLE',
      message: 'No agent of this database is online.',
      hint: 'Its agent was last seen at 09:12. Ask the owner of the database.',
      field: null,
    },
  }),
  sampleDatabase({
    name: 'ledger-staging',
    environment: 'staging',
    access: {
      policies: [
        { name: 'developer', version: 4 },
        { name: 'support', version: 3 },
      ],
      operations: ['select', 'insert', 'update', 'delete'],
      maskedColumns: 0,
    },
  }),
  sampleDatabase({
    name: 'shop',
    environment: 'development',
    postgresVersion: null,
    access: { policies: [{ name: 'analyst', version: null }], operations: null, maskedColumns: null },
  }),
];
