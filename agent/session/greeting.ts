import { encodeAuthentication } from '@daam/shared/pgwire/authentication';
import { encodeBackendKeyData } from '@daam/shared/pgwire/backend-key-data';
import {
  encodeNegotiateProtocolVersion,
  negotiationFor,
} from '@daam/shared/pgwire/negotiate-protocol-version';
import { encodeParameterStatus } from '@daam/shared/pgwire/parameter-status';
import { encodeReadyForQuery } from '@daam/shared/pgwire/ready-for-query';
import type { Startup } from '@daam/shared/pgwire/startup';
import type { CancelKey } from './cancel-registry.ts';

/**
 * What a client gets when its session stands: no password is asked (the tunnel proved who it is), the server's
 * own parameters, a cancel key of the agent's.
 */
export function greeting({
  startup,
  parameters,
  key,
}: {
  readonly startup: Startup;
  readonly parameters: ReadonlyMap<string, string>;
  readonly key: CancelKey;
}): Buffer[] {
  const negotiation = negotiationFor(startup);
  return [
    ...(negotiation === null ? [] : [encodeNegotiateProtocolVersion(negotiation)]),
    encodeAuthentication({ kind: 'ok' }),
    ...[...parameters].map(([name, value]) => encodeParameterStatus({ name, value })),
    encodeBackendKeyData({ pid: key.pid, secret: key.secret }),
    encodeReadyForQuery('idle'),
  ];
}
