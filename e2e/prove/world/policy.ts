/** Who may see what in a world: every preset, and every kind of relation. */

export const developerEmail = 'dev@example.com';

const all = ['select', 'insert', 'update', 'delete'];

/** The document for the database under this name. */
export function worldPolicy(database: string): Record<string, unknown> {
  const mask = (column: string, preset: string, more: Record<string, unknown> = {}) => ({
    column,
    preset,
    match: 'none',
    ...more,
  });
  const matched = { match: 'equality' };
  return {
    database,
    policies: [
      {
        name: 'prover',
        grants: [
          ...['customers', 'contacts', 'orders', 'audited', 'accounts', 'people', 'people_vip'].map(
            (name) => ({
              table: `public.${name}`,
              operations: all,
            }),
          ),
          ...['events', 'events_1', 'directory', 'customers_v', 'customers_vv', 'customers_m', 'outbox'].map(
            (name) => ({ table: `public.${name}`, operations: ['select'] }),
          ),
          { table: 'public.inbox', operations: ['select', 'insert'] },
          { table: 'public.secrets_v', operations: ['select', 'update'] },
          { table: 'sales.leads', operations: all },
        ],
        masks: [
          mask('public.customers.email', 'email', matched),
          mask('public.contacts.email', 'email', matched),
          mask('public.accounts.email', 'email', matched),
          mask('public.customers.phone', 'phone'),
          mask('public.customers.ssn', 'ssn'),
          mask('public.customers.card', 'credit_card'),
          mask('public.customers.full_name', 'name'),
          mask('public.customers.code', 'partial', { prefix: 2, suffix: 0 }),
          mask('public.customers.salary', 'null'),
          mask('public.customers.birth_date', 'redact'),
          mask('public.customers.doc', 'redact'),
          mask('public.customers.photo', 'redact'),
          mask('public.customers.token', 'null'),
          mask('public.customers.secret', 'redact'),
          mask('public.customers.tags', 'redact'),
          mask('public.customers.handle', 'pseudonym'),
          mask('public.audited.email', 'email'),
          mask('public.events.email', 'email'),
          mask('public.people.email', 'email'),
          mask('public.outbox.msg', 'redact'),
          mask('sales.leads.email', 'email'),
        ],
        rowFilters: [{ table: 'sales.leads', where: [{ column: 'region', operator: 'eq', value: 'north' }] }],
        assign: { users: [developerEmail], groups: [] },
      },
    ],
  };
}
