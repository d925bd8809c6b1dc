/** The console's part of the navigation and of the router. */
import type { AnyRoute } from '@tanstack/react-router';

export interface ConsoleSection {
  readonly label: string;
  /** Below `/admin`, as the address has it: `/admin/policies`. */
  readonly path: string;
  readonly roles: readonly ('admin' | 'auditor' | 'member')[];
}

/** What the navigation offers below "Admin", for whoever has one of the roles. */
export const consoleSections: readonly ConsoleSection[] = [];

/** The routes below the shell, to be added to its tree. */
export function createConsoleRoutes(_shell: AnyRoute): AnyRoute[] {
  return [];
}
