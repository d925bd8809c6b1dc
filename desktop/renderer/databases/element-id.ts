/** The id of the element that stands for a database, so that a plain link `#…` focuses it. */
export function databaseElementId(database: string): string {
  return `database-${encodeURIComponent(database)}`;
}
