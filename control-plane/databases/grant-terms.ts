import type { RelayTicket } from '@daam/shared/api/schemas';
import { AppError } from '@daam/shared/errors/app-error';
import { allServingAgents } from '../agents/choose-agent.ts';
import type { Agent } from '../db/entities/agent.ts';
import type { Database } from '../db/entities/database.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { findOwnDevice } from '../devices/handlers.ts';
import type { Person } from '../http/call.ts';
import { homeRelay, issueTicket } from '../relays/tickets.ts';
import type { Services } from '../services.ts';

/**
 * Until when a grant may hold at most, in milliseconds since the Unix epoch; null: no such end. A device's grants are for
 * its own certificates alone, INVALID_CERTIFICATE otherwise. A database that asks for a recent sign-in refuses an older
 * one with STEP_UP_REQUIRED: whoever hears that signs in again.
 */
export async function grantEnd(
  scope: Scope,
  asked: {
    readonly caller: Person;
    readonly certificateHash: string;
    readonly database: Pick<Database, 'stepUpMinutes'>;
    readonly now: number;
  },
): Promise<number | null> {
  const { caller, certificateHash, database, now } = asked;
  const certificate = await findCertificate(scope, certificateHash, caller.id);
  const isOwn = certificate !== null && (caller.device === null || certificate.device_id === caller.device);
  const mustBeKnown = caller.device !== null || database.stepUpMinutes !== null;
  if (mustBeKnown && !isOwn) throw new AppError('INVALID_CERTIFICATE');
  if (certificate === null) return null;
  const end = new Date(certificate.expires_at).getTime();
  if (end <= now) throw new AppError('EXPIRED_CERTIFICATE');
  if (database.stepUpMinutes === null) return end;
  const fresh = new Date(certificate.auth_time).getTime() + database.stepUpMinutes * 60_000;
  if (fresh <= now) {
    throw new AppError('STEP_UP_REQUIRED', {
      message: `This database needs a sign-in of the last ${database.stepUpMinutes} minutes.`,
      hint: 'Sign in again.',
    });
  }
  return Math.min(end, fresh);
}

interface CertificateRow {
  readonly device_id: string;
  readonly auth_time: Date | string;
  readonly expires_at: Date | string;
}

async function findCertificate(scope: Scope, hash: string, user: string): Promise<CertificateRow | null> {
  const [row] = await query<CertificateRow[]>(
    scope.em,
    `select c.device_id, c.auth_time, c.expires_at
       from device_certificates c join devices d on d.org_id = c.org_id and d.id = c.device_id
      where c.org_id = ? and c.hash = ? and d.user_id = ? and d.revoked_at is null`,
    [scope.org, hash, user],
  );
  return row ?? null;
}

/**
 * A device's admission to the relay at which the agent is found; its counterparts are the agents of all databases that
 * the person may use. Null where no device asks, or there is no relay or no tunnel.
 */
export async function ticketForDevice(
  services: Pick<Services, 'signer' | 'clock' | 'relays'>,
  scope: Scope,
  asked: {
    readonly caller: Person;
    readonly device: string | undefined;
    readonly agent: Agent | undefined;
    /** Ids of all databases that the caller may use. */
    readonly databases: readonly string[];
  },
): Promise<RelayTicket | null> {
  const { caller, agent } = asked;
  if (asked.device === undefined) return null;
  if (caller.device !== null && caller.device !== asked.device) {
    throw new AppError('NOT_FOUND', { message: 'There is no such device.' });
  }
  const device = await findOwnDevice(scope, asked.device, caller.id);
  const relay = agent === undefined ? null : homeRelay(services.relays, agent.id);
  if (relay === null || agent === undefined || agent.tunnelKey === null) return null;
  const agents = await allServingAgents(scope, asked.databases);
  // The agent that was asked for comes first: a ticket has room for so many.
  const keys = [agent, ...[...agents.values()].flat()].flatMap(({ tunnelKey }) =>
    tunnelKey === null ? [] : [tunnelKey],
  );
  return await issueTicket(services, scope, {
    relay,
    publicKey: device.wgKey,
    counterparts: [...new Set(keys)],
  });
}
