import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

/** A tenant. The row is also the lock that puts its changes in one order, and the head of its activity chain. */
export const OrganizationEntity = defineEntity({
  name: 'Organization',
  tableName: 'organizations',
  properties: {
    id: p.uuid().primary(),
    name: p.text(),
    /** Grows with every revocation; device certificates carry it. */
    revocationEpoch: p.bigint('number').default(0),
    activitySeq: p.bigint('number').default(0),
    activityHash: p.text(),
    createdAt: p.datetime(),
  },
});
export type Organization = InferEntity<typeof OrganizationEntity>;
