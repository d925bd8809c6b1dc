import type { BridgeEvent, Capabilities, Database, Params, Status } from './schema.ts';

/** What stands behind the bridge: the engine, or its stand-in in tests. Failures are AppErrors. */
export interface DesktopBackend {
  readonly capabilities: Capabilities;
  status(): Promise<Status>;
  listDatabases(): Promise<Database[]>;
  /** Opens the local port, the sticky one unless `port` asks for another; connecting twice is not an error. */
  connect(request: Params<'connect'>): Promise<Database>;
  /** Closes the local port and its sessions; disconnecting twice is not an error. */
  disconnect(request: Params<'disconnect'>): Promise<Database>;
  /** Calls the listener on every change until the returned function is called. */
  subscribe(listener: (event: BridgeEvent) => void): () => void;
}
