import type { ApiClient } from '@daam/shared/api/client';
import type { Bridge } from './bridge.ts';
import type { Params } from './schema.ts';

type Asked = Pick<Params<'callApi'>, 'params' | 'body'> & {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
};

/**
 * The typed client of the control plane over the bridge, with the engine's token: the same shape as over HTTP, so that
 * a screen does not know which one it has. Streams and what only the engine may do answer FORBIDDEN.
 */
export function apiOverBridge(bridge: Pick<Bridge, 'call'>): ApiClient {
  return new Proxy({} as ApiClient, {
    get: (_, route) => {
      // A promise's `then`, or a tool that looks at the object, is no route.
      if (typeof route !== 'string' || route === 'then') return undefined;
      return (asked: Asked = {}) => callRoute(bridge, route, asked);
    },
  });
}

async function callRoute(bridge: Pick<Bridge, 'call'>, route: string, asked: Asked): Promise<unknown> {
  const query = Object.entries(asked.query ?? {}).filter(([, value]) => value !== undefined);
  const answer = await bridge.call('callApi', {
    route,
    ...(asked.params === undefined ? {} : { params: asked.params }),
    ...(query.length === 0
      ? {}
      : { query: Object.fromEntries(query) as NonNullable<Params<'callApi'>['query']> }),
    ...(asked.body === undefined ? {} : { body: asked.body }),
  });
  return answer.value;
}
