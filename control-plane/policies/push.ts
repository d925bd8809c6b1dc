import { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import { AgentEntity } from '../db/entities/agent.ts';
import { readSnapshot } from '../db/scope.ts';
import type { AgentCaller } from '../http/call.ts';
import type { Services } from '../services.ts';
import { buildBundle } from './bundle.ts';

/** A signed bundle, ready to be sent. */
export interface SignedBundle {
  readonly jws: string;
  readonly epoch: number;
  /** The organization's pseudonym key, which the bundle names: sent beside it, base64url. */
  readonly pseudonymKey: Secret;
}

/** Builds and signs what an agent must know now, from one snapshot. REVOKED when it is no agent any more. */
export async function signCurrentBundle(
  {
    store,
    signer,
    clock,
    pseudonyms,
    site,
  }: Pick<Services, 'store' | 'signer' | 'clock' | 'pseudonyms' | 'site'>,
  agent: AgentCaller,
): Promise<SignedBundle> {
  const pseudonym = await pseudonyms.of(agent.org, clock.now());
  return await readSnapshot(store, agent.org, async (scope) => {
    const isServing = { id: agent.id, state: { $nin: ['pending' as const, 'revoked' as const] } };
    if ((await scope.em.count(AgentEntity, isServing)) === 0) throw new AppError('REVOKED');
    const orgKeys = await signer.publicKeys(scope);
    const { relyingParty } = site;
    const request = { database: agent.database, agent: agent.id, orgKeys, relyingParty, now: clock.now() };
    const { settings, ...rest } = await buildBundle(scope, request);
    const bundle = { ...rest, settings: { ...settings, pseudonymKey: pseudonym.id } };
    return {
      jws: await signer.sign(scope, 'policyBundle', bundle),
      epoch: bundle.epoch,
      pseudonymKey: new Secret(Buffer.from(pseudonym.key.reveal()).toString('base64url')),
    };
  });
}
