/** One knock with everything that it needs: credentials, a relay, an agent; and once more when what was shown was old. */
import { createHash } from 'node:crypto';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { ErrorCode } from '@daam/shared/errors/codes';
import { maxCandidates } from '@daam/shared/identity/knock';
import type { KnownDatabase } from '../account.ts';
import type { Credentials, Way } from '../credentials.ts';
import type { Admission } from './knocker.ts';
import type { Tunnel } from './tunnel.ts';

/** Where the agent has let this device in. */
export interface Target extends Admission {
  readonly agentKey: string;
}

export interface SeekOptions {
  readonly credentials: Credentials;
  readonly tunnel: Tunnel;
  readonly database: KnownDatabase;
  readonly signal: AbortSignal;
  /** What the agent is about to be shown (`shownBy`). */
  readonly onShown: (shown: string) => void;
}

/** Rejects with whoever's no it was: the control plane's, the agent's, or AGENT_UNAVAILABLE and TUNNEL_FAILED. */
export async function seekAdmission(options: SeekOptions): Promise<Target> {
  const { credentials, database, signal } = options;
  const way = await credentials.way(database.id);
  try {
    return await knockBy(way, options);
  } catch (thrown) {
    const { code } = toAppError(thrown);
    if (!mayBeOutdated(code) || signal.aborted) throw thrown;
    await credentials.refreshGrant(database.id);
    const fresh = await credentials.way(database.id);
    const hasMoved = fresh.tunnel?.publicKey !== way.tunnel?.publicKey;
    // An agent that is silent is not helped by another grant.
    const isSame = !hasMoved && (code === 'AGENT_UNAVAILABLE' || fresh.grant === way.grant);
    if (isSame) throw thrown;
    return await knockBy(fresh, options);
  }
}

/** Names what an agent is shown, so that something new is noticed. */
export function shownBy({ certificate, grant }: Way): string {
  return createHash('sha256').update(`${certificate}\n${grant}`).digest('base64url');
}

async function knockBy(way: Way, { tunnel, database, signal, onShown }: SeekOptions): Promise<Target> {
  if (way.tunnel === null) throw noTunnel(database.name);
  const agentKey = way.tunnel.publicKey;
  onShown(shownBy(way));
  await tunnel.use(way.relay);
  const { certificate, grant } = way;
  const answer = await tunnel.knock({ agentKey, certificate, grant, database: database.id }, signal);
  // What the control plane has heard of the agent may be older than its own word, and wider.
  const candidates = [...new Set([...answer.candidates, ...way.tunnel.candidates])].slice(0, maxCandidates);
  return { ...answer, candidates, agentKey };
}

/** Whether a new grant, which also says where the agent is now, may help. */
function mayBeOutdated(code: ErrorCode): boolean {
  return (
    code === 'FORBIDDEN' || code === 'NOT_FOUND' || code === 'AGENT_UNAVAILABLE' || code === 'INVALID_PROOF'
  );
}

function noTunnel(database: string): AppError {
  return new AppError('AGENT_UNAVAILABLE', {
    message: `No agent of "${database}" has its tunnel up.`,
    hint: 'Ask an administrator whether its agent runs.',
  });
}
