/**
 * Every table but `organizations` belongs to one organization, and so does every query: entities with this
 * filter answer only rows of the organization that the entity manager was forked for (db/scope.ts). An
 * entity manager without one throws instead of answering. Composite foreign keys in the schema hold the
 * same line below: no row can refer to a row of another organization.
 */
export const tenantFilter = {
  tenant: {
    name: 'tenant',
    cond: ({ org }: { org: string }) => ({ orgId: org }),
    default: true,
  },
} as const;
