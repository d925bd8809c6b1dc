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

/** By environment, production first, by name within; empty groups are left out. */
export function groupDatabases(databases: readonly Database[]): DatabaseGroup[] {
  return groupOrder.flatMap(([environment, title]) => {
    const members = databases
      .filter((database) => database.environment === environment)
      .sort((left, right) => left.name.localeCompare(right.name));
    return members.length === 0 ? [] : [{ title, databases: members }];
  });
}
