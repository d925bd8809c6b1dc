import { createClient, type FetchLike } from '@daam/shared/api/client';
import { Secret } from '@daam/shared/base/secret';
import { type AgentId, type DatabaseId, isUuid, type OrgId } from '@daam/shared/domain/ids';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { isPublicKeyText, keyId, type OrgPublicKey } from '@daam/shared/identity/keys';
import { z } from 'zod';
import { probePrivateFile, readPrivateFile, writePrivateFile } from './private-file.ts';

/**
 * How an agent comes by its identity: a one-time token is exchanged for a credential, once, and the
 * credential file is the agent from then on. Besides the credential it holds what the agent trusts: the
 * organization's keys and the highest policy epoch that it has seen. They are in one file with the
 * credential, so that forgetting them means to register anew.
 */

/** Who this agent is. */
export interface AgentIdentity {
  readonly agentId: AgentId;
  readonly database: { readonly id: DatabaseId; readonly name: string };
  readonly org: { readonly id: OrgId; readonly name: string };
}

export interface AgentCredential {
  readonly identity: AgentIdentity;
  readonly credential: Secret;
  /** Keys that bundles, certificates and grants are verified with: of the registration, then of the newest bundle. */
  readonly orgKeys: readonly OrgPublicKey[];
  /** The highest policy epoch ever in force here; 0 before the first. */
  readonly epoch: number;
}

const maxCredentialBytes = 64 * 1024;

function uuid<Id extends string>() {
  return z.custom<Id>((value) => typeof value === 'string' && isUuid(value));
}

const orgKey = z
  .strictObject({ kid: z.string(), x: z.string().refine(isPublicKeyText) })
  .refine(({ kid, x }) => keyId(x) === kid);

const credentialFile = z.strictObject({
  version: z.literal(1),
  agentId: uuid<AgentId>(),
  credential: z.string().min(1).max(512),
  database: z.strictObject({ id: uuid<DatabaseId>(), name: z.string().min(1).max(63) }),
  org: z.strictObject({ id: uuid<OrgId>(), name: z.string().max(200) }),
  orgKeys: z.array(orgKey).min(1).max(20),
  epoch: z.int().min(0),
});

/**
 * Reads the credential file; null when there is none. One that is damaged or unreadable stops the agent
 * with INVALID_CONFIG: to register again in its place would need a decision by a person.
 */
export async function readCredential(path: string): Promise<AgentCredential | null> {
  let text: string | null;
  try {
    text = await readPrivateFile(path, maxCredentialBytes);
  } catch (thrown) {
    throw badCredential('cannot be read', toAppError(thrown).detail);
  }
  if (text === null) return null;
  const parsed = credentialFile.safeParse(parseJson(text));
  // Neither JSON's nor zod's own message goes on: they could quote the credential.
  if (!parsed.success) throw badCredential('is damaged');
  const { agentId, database, org, credential, orgKeys, epoch } = parsed.data;
  return { identity: { agentId, database, org }, credential: new Secret(credential), orgKeys, epoch };
}

/** Writes the credential file: JSON, 0600, whole or not at all. INVALID_CONFIG when that cannot be done. */
export async function writeCredential(path: string, held: AgentCredential): Promise<void> {
  const { identity, credential, orgKeys, epoch } = held;
  const file: z.infer<typeof credentialFile> = {
    version: 1,
    agentId: identity.agentId,
    credential: credential.reveal(),
    database: identity.database,
    org: identity.org,
    orgKeys: orgKeys.map(({ kid, x }) => ({ kid, x })),
    epoch,
  };
  try {
    await writePrivateFile(path, `${JSON.stringify(file, null, 2)}\n`);
  } catch (thrown) {
    throw badCredential('cannot be written', toAppError(thrown).detail);
  }
}

export interface RegistrationOptions {
  /** Where the control plane is. */
  readonly url: string;
  readonly token: Secret;
  readonly version: string;
  readonly credentialPath: string;
  readonly fetch: FetchLike;
  readonly signal?: AbortSignal;
}

/**
 * Exchanges the token and writes the credential file. The token works once, so that it is not used before
 * the file is known to be writable. Throws INVALID_CONFIG (the file), UNAUTHENTICATED (the token), and what
 * the API client throws when there is no answer.
 */
export async function register(options: RegistrationOptions): Promise<AgentCredential> {
  const { token, version, credentialPath, signal } = options;
  try {
    await probePrivateFile(credentialPath);
  } catch (thrown) {
    throw badCredential('cannot be written', toAppError(thrown).detail);
  }
  const client = createClient({ baseUrl: options.url, fetch: options.fetch, token: () => null });
  const answer = await client.registerAgent(
    { body: { token: token.reveal(), version } },
    signal === undefined ? {} : { signal },
  );
  const parsed = credentialFile.safeParse({ version: 1, epoch: 0, ...answer });
  if (!parsed.success)
    throw new AppError('INTERNAL', { detail: 'the answer to the registration is not one' });
  const { agentId, database, org, orgKeys, epoch } = parsed.data;
  const credential = new Secret(parsed.data.credential);
  const held = { identity: { agentId, database, org }, credential, orgKeys, epoch };
  await writeCredential(credentialPath, held);
  return held;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function badCredential(reason: string, detail?: string): AppError {
  return new AppError('INVALID_CONFIG', {
    field: 'control_plane.credential_path',
    message: `control_plane.credential_path: the credential file ${reason}.`,
    hint: 'Make it accessible or restore it; or remove it and register the agent with a new token.',
    ...(detail === undefined ? {} : { detail }),
  });
}
