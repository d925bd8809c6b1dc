/**
 * The addresses of the screens. They are in the fragment, so they work from a file, the app's own scheme and any
 * server, and never reach one. Plain links (`#/requests`) lead to them.
 */
import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import type { AnyRouter } from '@tanstack/react-router';
import { createConsoleRoutes } from '../console/console-routes.tsx';
import { DatabasesScreen } from '../databases/databases-screen.tsx';
import { NotFound } from './not-found.tsx';
import { Shell } from './shell.tsx';
import { ViewProblem } from './view-problem.tsx';

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Made after the page has taken its token out of the fragment. */
export function createAppRouter(): AnyRouter {
  const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
  const routes = [
    createRoute({
      getParentRoute: () => root,
      path: '/',
      beforeLoad: () => {
        // eslint-disable-next-line typescript/only-throw-error -- how this router is told to go elsewhere
        throw redirect({ to: '/databases' });
      },
    }),
    createRoute({ getParentRoute: () => root, path: '/databases', component: DatabasesScreen }),
    createRoute({
      getParentRoute: () => root,
      path: '/databases/$name',
      component: lazyRouteComponent(() => import('../databases/database-screen.tsx'), 'DatabaseScreen'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/query',
      validateSearch: (search) => ({ db: text(search['db']), saved: text(search['saved']) }),
      component: lazyRouteComponent(() => import('../query/query-screen.tsx'), 'QueryScreen'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/requests',
      validateSearch: (search) => ({ list: text(search['list']) }),
      component: lazyRouteComponent(() => import('../requests/requests-screen.tsx'), 'RequestsScreen'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/requests/$id',
      component: lazyRouteComponent(() => import('../requests/request-screen.tsx'), 'RequestScreen'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/activity',
      component: lazyRouteComponent(() => import('../activity/activity-screen.tsx'), 'ActivityScreen'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings',
      component: lazyRouteComponent(() => import('../settings/settings-screen.tsx'), 'SettingsScreen'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings/$section',
      component: lazyRouteComponent(() => import('../settings/settings-screen.tsx'), 'SettingsScreen'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/welcome',
      validateSearch: (search) => ({ at: text(search['at']) }),
      component: lazyRouteComponent(() => import('../welcome/welcome-screen.tsx'), 'WelcomeScreen'),
    }),
    ...createConsoleRoutes(root),
  ];
  return createRouter({
    routeTree: root.addChildren(routes),
    history: createHashHistory(),
    defaultErrorComponent: ViewProblem,
    defaultPreload: false,
  });
}
