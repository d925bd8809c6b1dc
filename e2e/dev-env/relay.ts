/** The relay, in this process: it forwards for the organization's agents and devices. */
import type { ApiClient } from '@daam/shared/api/client';
import type { Logger } from '@daam/shared/base/logger';
import { startRelay } from '@daam/relay/app';
import { relayDefaults } from '@daam/relay/config';
import type { PortLayout } from './ports.ts';

/** What it is started from. */
export interface RelayOptions {
  readonly admin: ApiClient;
  readonly ports: PortLayout;
  readonly logger: Logger;
}

/** Starts it; it admits those whom the organization's keys vouch for. */
export async function startDevRelay({
  admin,
  ports,
  logger,
}: RelayOptions): Promise<{ readonly url: string } & AsyncDisposable> {
  const { orgKeys } = await admin.getOrganization();
  const host = '127.0.0.1';
  const relay = await startRelay(
    {
      ...relayDefaults,
      listen: { host, port: ports.relay },
      name: `localhost:${ports.relay}`,
      issuerKeys: orgKeys,
    },
    { logger },
  );
  const url = relay.url.replace(host, 'localhost');
  return { url, [Symbol.asyncDispose]: async () => await relay[Symbol.asyncDispose]() };
}
