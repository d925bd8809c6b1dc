/**
 * System columns of masked tables that may be read (PostgreSQL docs 5.6, "System Columns"): grids find rows again by
 * ctid, and object mappers use xmin to see whether a row was changed. tableoid is not among them: it tells the
 * partition, and so the value of a masked partition key.
 */
export const readableSystemColumns = ['ctid', 'xmin'] as const;
