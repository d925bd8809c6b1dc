import { apiRoutes } from '@daam/shared/api/routes';
import { pageRoutes } from '../pages/contracts.ts';

/** Everything that is answered over HTTP: the API, and the pages with what their script calls. */
export const contracts = { ...apiRoutes, ...pageRoutes } as const;

export type Contracts = typeof contracts;
export type ContractName = keyof Contracts;
