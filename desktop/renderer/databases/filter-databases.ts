import type { Database } from '../../ipc/schema.ts';

export interface DatabaseFilter {
  readonly text: string;
  readonly connectedOnly: boolean;
}

export interface DatabaseGroup {
  readonly title: string;
  readonly databases: readonly Database[];
}

const groupOrder = [
  ['production', 'Production'],
  ['staging', 'Staging'],
  ['development', 'Development'],
  [null, 'Other'],
] as const;

/** Databases whose name, environment or policy holds every word of the text. */
export function filterDatabases(databases: readonly Database[], filter: DatabaseFilter): Database[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return databases.filter((database) => {
    if (filter.connectedOnly && database.connection.kind !== 'connected') return false;
    const policies = database.access.policies.map(({ name }) => name);
    const haystack = [database.name, database.environment ?? '', ...policies].join(' ').toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}

/** Pinned ones, then by environment, production first, by name within; empty groups are left out. */
export function groupDatabases(
  databases: readonly Database[],
  pinned: readonly string[] = [],
): DatabaseGroup[] {
  const byName = databases.toSorted((left, right) => left.name.localeCompare(right.name));
  const groups = [
    { title: 'Pinned', databases: byName.filter(({ id }) => pinned.includes(id)) },
    ...groupOrder.map(([environment, title]) => ({
      title,
      databases: byName.filter((each) => each.environment === environment && !pinned.includes(each.id)),
    })),
  ];
  return groups.filter((group) => group.databases.length > 0);
}
