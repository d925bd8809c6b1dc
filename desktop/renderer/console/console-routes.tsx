/** The console's part of the navigation and of the router. Every screen is a chunk of its own: most people are no administrators. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import type { AnyRoute } from '@tanstack/react-router';

type Role = 'admin' | 'auditor' | 'member';

export interface ConsoleSection {
  readonly label: string;
  /** Below `/admin`, as the address has it: `/admin/policies`. */
  readonly path: string;
  readonly roles: readonly Role[];
}

const watchers: readonly Role[] = ['admin', 'auditor'];

/** What the navigation offers below "Admin", for whoever has one of the roles. */
export const consoleSections: readonly ConsoleSection[] = [
  { label: 'Overview', path: '/admin/overview', roles: watchers },
  { label: 'Databases & agents', path: '/admin/databases', roles: watchers },
  { label: 'Policies', path: '/admin/policies', roles: watchers },
  { label: 'People & groups', path: '/admin/people', roles: watchers },
  { label: 'Inbox', path: '/admin/inbox', roles: watchers },
  { label: 'Sessions', path: '/admin/sessions', roles: watchers },
  { label: 'Audit', path: '/admin/audit', roles: watchers },
  { label: 'Settings', path: '/admin/settings', roles: ['admin'] },
];

/** The routes below the shell, to be added to its tree. */
export function createConsoleRoutes(shell: AnyRoute): AnyRoute[] {
  const getParentRoute = (): AnyRoute => shell;
  const policies = lazyRouteComponent(() => import('./policies/policies-screen.tsx'), 'PoliciesScreen');
  const inbox = lazyRouteComponent(() => import('./inbox/inbox-screen.tsx'), 'InboxScreen');
  const overview = lazyRouteComponent(() => import('./overview/overview-screen.tsx'), 'OverviewScreen');
  const databases = lazyRouteComponent(
    () => import('./databases/databases-screen.tsx'),
    'AdminDatabasesScreen',
  );
  const database = lazyRouteComponent(() => import('./databases/database-screen.tsx'), 'AdminDatabaseScreen');
  const people = lazyRouteComponent(() => import('./people/people-screen.tsx'), 'PeopleScreen');
  const person = lazyRouteComponent(() => import('./people/person-screen.tsx'), 'PersonScreen');
  const sessions = lazyRouteComponent(() => import('./sessions/sessions-screen.tsx'), 'SessionsScreen');
  const session = lazyRouteComponent(() => import('./sessions/session-screen.tsx'), 'SessionScreen');
  const audit = lazyRouteComponent(() => import('./audit/audit-screen.tsx'), 'AuditScreen');
  const settings = lazyRouteComponent(
    () => import('./settings/console-settings-screen.tsx'),
    'ConsoleSettingsScreen',
  );
  return [
    createRoute({ getParentRoute, path: '/admin/sessions', component: sessions }),
    createRoute({ getParentRoute, path: '/admin/sessions/$id', component: session }),
    createRoute({ getParentRoute, path: '/admin/audit', component: audit }),
    createRoute({ getParentRoute, path: '/admin/settings', component: settings }),
    createRoute({ getParentRoute, path: '/admin/settings/$part', component: settings }),
    createRoute({ getParentRoute, path: '/admin/overview', component: overview }),
    createRoute({ getParentRoute, path: '/admin/databases', component: databases }),
    createRoute({ getParentRoute, path: '/admin/databases/$database', component: database }),
    createRoute({ getParentRoute, path: '/admin/people', component: people }),
    createRoute({ getParentRoute, path: '/admin/people/$id', component: person }),
    createRoute({ getParentRoute, path: '/admin/policies', component: policies }),
    createRoute({ getParentRoute, path: '/admin/policies/$database', component: policies }),
    createRoute({ getParentRoute, path: '/admin/inbox', component: inbox }),
    createRoute({ getParentRoute, path: '/admin/inbox/$id', component: inbox }),
  ];
}
