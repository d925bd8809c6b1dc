import type { Terms } from './request-row.ts';

/** What terms give, a line a thing, for pages and mail: plain text that the caller escapes. */
export function termsLines({ policy, access }: Pick<Terms, 'policy' | 'access'>): readonly string[] {
  if (policy !== null) return [`Policy ${policy.name}`];
  if (access === null) return [];
  return [
    ...access.tables.map(({ table, operations, columns }) => {
      const shown = columns === undefined ? '' : ` (${columns.join(', ')})`;
      return `${operations.join(', ')} on ${table}${shown}`;
    }),
    ...access.unmask.map(({ column, to }) =>
      to === 'none' ? `${column} without a mask` : `${column} with the mask ${to}`,
    ),
    ...access.masks.map(({ column, preset }) => `${column} masked as ${preset}`),
  ];
}

/** `2 h`, `1 d`, `45 min`. */
export function durationText(minutes: number): string {
  if (minutes % 1440 === 0) return `${minutes / 1440} d`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}
