/**
 * What an agent finds on its disk after it was registered once: its credential and the policy in force. With them it
 * serves without a control plane, as it does in an outage, and the proof needs no other program beside it.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Secret } from '@daam/shared/base/secret';
import {
  type AgentId,
  asId,
  type DatabaseId,
  type DeviceId,
  type OrgId,
  type UserId,
} from '@daam/shared/domain/ids';
import { signBundle } from '@daam/shared/identity/bundle';
import { generateSigningKey } from '@daam/shared/identity/keys';
import type { PolicyBundle } from '@daam/shared/policy/bundle';
import type { PolicyDocument } from '@daam/shared/policy/document';
import { mergePolicies } from '@daam/shared/policy/merge';
import { stringify } from 'yaml';

const id = (last: number): string => `5f0a7e11-0000-4000-8000-${last.toString(16).padStart(12, '0')}`;

/** Who everybody is. The agent's id tells its roles from those of others: the first eight digits. */
export const guardedIds = {
  org: asId<OrgId>(id(1)),
  database: asId<DatabaseId>(id(2)),
  agent: asId<AgentId>(id(3)),
  user: asId<UserId>(id(4)),
  device: asId<DeviceId>(id(5)),
};

/** The one person. */
export const guardedUser = 'dev@example.com';

export interface AgentFilesOptions {
  /** Made when it is not there. */
  readonly folder: string;
  readonly policy: PolicyDocument;
  /** The agent's own login; its port may be that of something between. */
  readonly upstreamDsn: Secret;
}

/** Writes the files and gives the path of the configuration that finds them. */
export async function writeAgentFiles({ folder, policy, upstreamDsn }: AgentFilesOptions): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const key = generateSigningKey();
  const database = { id: guardedIds.database, name: policy.database };
  const { org, agent, user } = guardedIds;
  const bundle: PolicyBundle = {
    org,
    database,
    agent,
    epoch: 1,
    issuedAt: Math.floor(Date.now() / 1000) - 1,
    orgKeys: [key.publicKey],
    policies: [
      mergePolicies(
        policy.database,
        policy.policies.map(({ name, assign: _assign, ...body }) => ({ name, version: 1, body })),
      ),
    ],
    subjects: [{ user, email: guardedUser, policy: 0 }],
    revoked: { devices: [], users: [] },
    settings: { elevation: true },
  };
  const credential = {
    version: 1,
    agentId: agent,
    credential: 'daam_agt_of-the-proof',
    database,
    org: { id: org, name: 'Example' },
    orgKeys: [key.publicKey],
    epoch: 1,
  };
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  return await write(
    'agent.yaml',
    stringify({
      listen: '127.0.0.1:0',
      upstream: { dsn: upstreamDsn.reveal() },
      control_plane: {
        // Nobody listens there.
        url: 'http://127.0.0.1:9',
        credential_path: await write('credential.json', JSON.stringify(credential)),
        policy_cache_path: await write('policy-bundle.json', `${await signBundle(bundle, key)}\n`),
        audit_buffer_path: join(folder, 'audit'),
      },
      health: { enabled: false },
    }),
  );
}
