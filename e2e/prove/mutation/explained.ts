/** Faults that no test can notice, because nothing changes, or because another check stands behind: each with its reason. */

export interface ExplainedSurvivor {
  /** How the file's name ends. */
  readonly file: string;
  /** A piece of the code that the fault is in. */
  readonly code: string;
  /** Default: whatever is done to it. */
  readonly kind?: string;
  readonly reason: string;
}

export const explainedSurvivors: readonly ExplainedSurvivor[] = [];
