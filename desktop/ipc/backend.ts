import type { queryMethods } from './schema/query.ts';
import type { resultMethods } from './schema/results.ts';
import type { workspaceMethods } from './schema/workspace.ts';
import type { BridgeEvent, Capabilities, Method, Params, Result } from './schema.ts';

/** One function for each method of the schema; what it promises is said there. Failures are AppErrors. */
export type BackendMethods = {
  readonly [M in Method]: (params: Params<M>) => Promise<Result<M>>;
};

/** Those about statements and their rows. */
export type QueryMethods = Pick<BackendMethods, keyof typeof queryMethods | keyof typeof resultMethods>;

/** Those about what a person keeps on this device. */
export type WorkspaceMethods = Pick<BackendMethods, keyof typeof workspaceMethods>;

/** What stands behind the bridge: the engine, or its stand-in in tests. */
export interface DesktopBackend {
  readonly capabilities: Capabilities;
  readonly methods: BackendMethods;
  /** Calls the listener on every change until the returned function is called. */
  subscribe(listener: (event: BridgeEvent) => void): () => void;
}
