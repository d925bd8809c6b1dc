/** A real control plane over its own server, for the agents of one major. */
import type { ApiClient } from '@daam/shared/api/client';
import { createClient } from '@daam/shared/api/client';
import type { Logger } from '@daam/shared/base/logger';
import { startControlPlane } from '@daam/control-plane/app';
import { resolveConfig } from '@daam/control-plane/config';
import { startEmbeddedPostgres } from '@daam/shared/testing/embedded-postgres';
import { developerEmail } from './policy.ts';

/** What agents register with. */
export interface ProofControlPlane extends AsyncDisposable {
  readonly url: string;
  readonly admin: ApiClient;
  /** DSN of its store, for looking into it. */
  readonly storeDsn: string;
  readonly developer: { readonly id: string; readonly email: string };
  readonly orgId: string;
}

/** Starts it with one organization and one developer. */
export async function startProofControlPlane(logger: Logger): Promise<ProofControlPlane> {
  await using stack = new AsyncDisposableStack();
  const store = stack.use(await startEmbeddedPostgres());
  const storeDsn = await store.createDatabase('daam');
  const config = resolveConfig(
    {
      listen: { port: 0 },
      database: { dsn: storeDsn, pool_size: 4 },
      master_key: Buffer.alloc(32, 7).toString('base64'),
      identity: { development_tokens: true },
      http: { rate_factor: 1000 },
    },
    () => '',
  );
  const plane = stack.use(await startControlPlane(config, { logger }));
  const { adminToken, orgId } = await plane.bootstrap({ org: 'Proof', adminEmail: 'admin@example.com' });
  const url = `http://127.0.0.1:${plane.port}`;
  const admin = createClient({ baseUrl: url, fetch, token: () => adminToken });
  const { id } = await admin.createUser({ body: { email: developerEmail } });
  const running = stack.move();
  return {
    url,
    admin,
    storeDsn,
    orgId,
    developer: { id, email: developerEmail },
    [Symbol.asyncDispose]: async () => await running.disposeAsync(),
  };
}
