import { createHash, randomUUID } from 'node:crypto';
import type { RelayTicket } from '@daam/shared/api/schemas';
import { maxTokenSeconds } from '@daam/shared/relay-protocol/token';
import type { RelayAddress } from '../config.ts';
import type { Scope } from '../db/scope.ts';
import type { Services } from '../services.ts';

/** Counterparts that one ticket may name (shared/relay-protocol/token.ts). */
const maxCounterparts = 256;

/**
 * The relay at which an agent is found: the same for everybody who asks, and another agent's may be another one, without
 * anything to remember. Null: there is none.
 */
export function homeRelay(relays: readonly RelayAddress[], agent: string): RelayAddress | null {
  const score = ({ name }: RelayAddress): string =>
    createHash('sha256').update(`${name}\0${agent}`).digest('hex');
  const [first] = relays.toSorted((a, b) => (score(a) < score(b) ? -1 : 1));
  return first ?? null;
}

/** Admits a key to a relay, for an hour, to reach these keys. */
export async function issueTicket(
  { signer, clock }: Pick<Services, 'signer' | 'clock'>,
  scope: Scope,
  asked: {
    readonly relay: RelayAddress;
    readonly publicKey: string;
    readonly counterparts: readonly string[];
  },
): Promise<RelayTicket> {
  const { relay, publicKey, counterparts } = asked;
  const iat = Math.floor(clock.now() / 1000);
  const exp = iat + maxTokenSeconds;
  const token = await signer.signRelayToken(scope, {
    relay: relay.name,
    publicKey,
    counterparts: counterparts.slice(0, maxCounterparts),
    iat,
    exp,
    jti: randomUUID(),
  });
  return {
    name: relay.name,
    url: relay.url,
    stun: [...relay.stun],
    token,
    expiresAt: new Date(exp * 1000).toISOString(),
  };
}
