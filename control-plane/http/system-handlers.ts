import { buildOpenApi, type JsonObject } from '@daam/shared/api/openapi';
import { apiRoutes, type RouteName } from '@daam/shared/api/routes';
import { AppError } from '@daam/shared/errors/app-error';
import type { Store } from '../db/store.ts';
import { version } from '../version.ts';
import type { Handlers } from './call.ts';
import { homePage } from './home-page.ts';
import { securityTable } from './routes.ts';

type Names = 'getHealth' | 'getReady' | 'getHome' | 'getOpenApi';

/** Health, the page for people, and the OpenAPI document. */
export function systemHandlers({ store }: { readonly store: Store }): Handlers<Names> {
  const openApi = describeApi();
  return {
    getHealth: async () => ({ status: 'healthy' }),
    getReady: async () => {
      if (!(await store.isReady())) {
        throw new AppError('CONTROL_PLANE_UNAVAILABLE', { message: 'The database does not answer.' });
      }
      return { status: 'ready' };
    },
    getHome: async () => homePage,
    getOpenApi: async () => openApi,
  };
}

/** The OpenAPI document: contracts of shared/api, authentication and roles of the security table. */
export function describeApi(): JsonObject {
  const routes = (Object.keys(apiRoutes) as RouteName[]).map((name) => {
    const [, authentication, role] = securityTable[name];
    return { name, contract: apiRoutes[name], authentication, role };
  });
  return buildOpenApi(routes, version);
}
