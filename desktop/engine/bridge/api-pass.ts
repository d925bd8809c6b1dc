/**
 * The pass from screens to the control plane's API, under the engine's token, which never crosses the bridge. The route
 * table says what exists; what agents, sign-in and the engine itself use is not for screens, nor are pages and streams.
 */
import type { ApiClient } from '@daam/shared/api/client';
import type { RouteContract } from '@daam/shared/api/route';
import { apiRoutes, type RouteName } from '@daam/shared/api/routes';
import { AppError } from '@daam/shared/errors/app-error';
import type { Params, Result } from '../../ipc/schema.ts';

/**
 * They hand out or end what only the engine itself, or an agent, works with. API tokens are made where nobody but the person
 * reads along; what the console has to show once (docs/security-model.md, what screens ask) passes.
 */
const withheld = new Set<string>([
  'makeAuthChallenge',
  'exchangeToken',
  'startDeviceCode',
  'signOut',
  'signUp',
  'createApiToken',
  'registerDevice',
  'issueCertificate',
  'issueGrant',
  'registerAgent',
  'agentFeed',
  'putAgentSchema',
  'appendAudit',
]);

/** Whether screens may call a route. */
export function isPassable(name: string): name is RouteName {
  if (!Object.hasOwn(apiRoutes, name) || withheld.has(name)) return false;
  const contract: RouteContract = apiRoutes[name as RouteName];
  const isPlain = contract.status !== 101 && contract.streams !== true && contract.mediaType === undefined;
  return isPlain && contract.path.startsWith('/api/v1/');
}

/** FORBIDDEN for what is not for screens; INVALID_INPUT for what the route does not take. Else the control plane's answer. */
export async function passToApi(
  api: () => Promise<ApiClient>,
  asked: Params<'callApi'>,
): Promise<Result<'callApi'>> {
  const { route, params, query, body } = asked;
  if (!isPassable(route)) throw new AppError('FORBIDDEN', { field: 'route' });
  const contract: RouteContract = apiRoutes[route];
  for (const [field, value] of Object.entries({ params, query, body }) as [
    'params' | 'query' | 'body',
    unknown,
  ][]) {
    if (value === undefined) continue;
    const schema = contract[field];
    if (schema === undefined || !schema.safeParse(value).success) throw invalid(field, schema, value);
  }
  const call = (await api())[route as 'getMe'] as unknown as (request: object) => Promise<unknown>;
  const value = await call({
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
  });
  return { value };
}

function invalid(field: string, schema: RouteContract['body'], value: unknown): AppError {
  const path = schema?.safeParse(value).error?.issues[0]?.path.join('.') ?? '';
  return new AppError('INVALID_INPUT', { field: path === '' ? field : path.slice(0, 256) });
}
