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
}

/** Builds and signs what an agent must know now, from one snapshot. REVOKED when it is no agent any more. */
export async function signCurrentBundle(
  { store, signer, clock }: Pick<Services, 'store' | 'signer' | 'clock'>,
  agent: AgentCaller,
): Promise<SignedBundle> {
  return await readSnapshot(store, agent.org, async (scope) => {
    const isServing = { id: agent.id, state: { $nin: ['pending' as const, 'revoked' as const] } };
    if ((await scope.em.count(AgentEntity, isServing)) === 0) throw new AppError('REVOKED');
    const orgKeys = await signer.publicKeys(scope);
    const request = { database: agent.database, agent: agent.id, orgKeys, now: clock.now() };
    const bundle = await buildBundle(scope, request);
    return { jws: await signer.sign(scope, 'policyBundle', bundle), epoch: bundle.epoch };
  });
}
