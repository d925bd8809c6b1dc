/** Which pg_catalog functions statements may call, by bare name (all overloads alike). */
export interface FunctionAllowList {
  /** Reviewed: runs no SQL, reads no relations, files, statistics, settings or other sessions. */
  isAllowed(name: string): boolean;
  /** pg_catalog of this major has a function of this name, allowed or not. */
  isKnown(name: string): boolean;
}
