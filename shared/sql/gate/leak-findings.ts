/** What leaks.ts reads off a statement. */
export interface Leaks {
  /** False: reads of filtered relations are fenced. */
  readonly none: boolean;
  /** Names of columns that a condition may mention; their statistics are kept from the planner. */
  readonly watched: Watched;
  /** How often each parameter is written. */
  readonly parameters: ReadonlyMap<number, number>;
  /** SELECT … FOR UPDATE or the like is in it. */
  readonly locks: boolean;
}

/** Names of columns; `everything`: a star or a renaming makes them all count. */
export interface Watched {
  readonly everything: boolean;
  readonly names: ReadonlySet<string>;
}
