import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { Vouch } from '@daam/shared/policy/bundle';
import { tenantFilter } from '../tenant.ts';

export type Environment = 'production' | 'staging' | 'development';

/** A registered PostgreSQL database. `epoch` numbers the states of who may do what in it; it only grows. */
export const DatabaseEntity = defineEntity({
  name: 'Database',
  tableName: 'databases',
  filters: tenantFilter,
  properties: {
    id: p.uuid().primary(),
    orgId: p.uuid(),
    name: p.text(),
    databaseName: p.text(),
    environment: p.text().$type<Environment>(),
    description: p.text(),
    elevation: p.boolean(),
    /** A grant needs a sign-in that is no older, in minutes; null: any valid certificate. */
    stepUpMinutes: p.integer().strictNullable(),
    /** Members without access see its name, environment and `ownerWords`, and may ask for it. */
    discoverable: p.boolean(),
    ownerWords: p.text(),
    vouched: p.json().$type<Vouch[]>(),
    epoch: p.bigint('number'),
    createdAt: p.datetime(),
    deletedAt: p.datetime().strictNullable(),
  },
});
export type Database = InferEntity<typeof DatabaseEntity>;
