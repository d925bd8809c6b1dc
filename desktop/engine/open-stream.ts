import type { KeyObject } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { AgentTarget } from './account.ts';

/** Where a stream goes and what it shows at the door. */
export interface StreamTarget {
  readonly agent: AgentTarget;
  /** Id of the database. */
  readonly database: string;
  readonly certificate: string;
  readonly grant: string | null;
  /** The private key that the certificate names. */
  readonly deviceKey: KeyObject;
  readonly signal: AbortSignal;
}

/**
 * Opens a stream of PostgreSQL bytes to an agent that has accepted this device. The one place that a transport
 * implements; everything above it is the same for all of them.
 *
 * Rejects with the agent's own refusal (code, message, hint), UPSTREAM_UNAVAILABLE when nobody answers, TIMEOUT.
 */
export type OpenStream = (target: StreamTarget) => Promise<Duplex>;
