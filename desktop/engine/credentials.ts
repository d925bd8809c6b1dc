/**
 * The device's certificate and its grants: held on disk, renewed from the control plane before they end. What is held
 * and still valid is used at once and renewed behind the person's back; only what has ended makes anyone wait. With
 * the control plane down, a valid certificate goes on working, a grant that ended is simply not sent.
 */
import { createHash } from 'node:crypto';
import type { ApiClient } from '@daam/shared/api/client';
import type { Clock } from '@daam/shared/base/clock';
import type { Logger } from '@daam/shared/base/logger';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import {
  type Account,
  type HeldCertificate,
  type HeldGrant,
  type HeldTicket,
  heldCertificateSchema,
  heldGrantSchema,
  type TunnelWay,
} from './account.ts';
import { isDue, isUsable, renewAt } from './renewal.ts';
import type { StateFolder } from './state-folder.ts';

const certificateFile = 'certificate.json';

export interface CredentialsOptions {
  readonly account: Account;
  readonly client: ApiClient;
  readonly state: StateFolder;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A certificate or a grant is new. */
  readonly onRenewed?: () => void;
  /** The person has signed in again, perhaps in another process: the token in the store is another one. */
  readonly onSignedInAgain?: () => Promise<void>;
}

/** All that leads to a database's agent. What could not be had now is as it was told last, the grant excepted. */
export interface Way {
  readonly certificate: string;
  readonly grant: string | null;
  readonly tunnel: TunnelWay | null;
  readonly relay: HeldTicket | null;
}

export class Credentials {
  readonly #options: CredentialsOptions;
  #certificate: HeldCertificate | null = null;
  readonly #grants = new Map<string, HeldGrant>();
  /** Renewals under way, so that many connections at once ask only once. */
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(options: CredentialsOptions) {
    this.#options = options;
  }

  /** When the certificate on disk ends, in milliseconds since the Unix epoch; null when there is none. */
  static async heldUntil(state: StateFolder): Promise<number | null> {
    return (await state.read(certificateFile, heldCertificateSchema))?.expiresAt ?? null;
  }

  /** A certificate that is valid now. EXPIRED_CERTIFICATE when none is held and none can be had. */
  async certificate(): Promise<HeldCertificate> {
    const held = (this.#certificate ??= await this.#readCertificate());
    const now = this.#options.clock.now();
    if (held !== null && isUsable(held, now)) {
      if (isDue(held, now)) this.#behind('certificate', () => this.#renewCertificate());
      return held;
    }
    try {
      await this.#once('certificate', () => this.#renewCertificate());
    } catch (thrown) {
      throw isOutage(thrown) ? noCertificate(thrown) : thrown;
    }
    if (this.#certificate === null) throw noCertificate(undefined);
    return this.#certificate;
  }

  /** A grant for the database under the current certificate; null when the control plane cannot give one now. */
  async grant(database: string): Promise<HeldGrant | null> {
    const { certificate } = await this.certificate();
    const held = this.#grants.get(database) ?? (await this.#readGrant(database));
    const now = this.#options.clock.now();
    if (held !== null && isUsable(held, now) && held.certificateHash === hashOf(certificate)) {
      this.#grants.set(database, held);
      if (isDue(held, now)) this.#behind(`grant ${database}`, () => this.#renewGrant(database));
      return held;
    }
    try {
      await this.#once(`grant ${database}`, () => this.#renewGrant(database));
    } catch (thrown) {
      if (!isOutage(thrown)) throw thrown;
      return null;
    }
    return this.#grants.get(database) ?? null;
  }

  /** The way to the database's agent. Rejects as `certificate` and `grant` do. */
  async way(database: string): Promise<Way> {
    const grant = await this.grant(database);
    const { certificate } = await this.certificate();
    const told = grant ?? this.#grants.get(database) ?? (await this.#readGrant(database));
    return {
      certificate,
      grant: grant?.grant ?? null,
      tunnel: told?.tunnel ?? null,
      relay: told?.relay ?? null,
    };
  }

  /** Asks for a new grant even though one is held: the agent moved or refused the old one. Failures are swallowed. */
  async refreshGrant(database: string): Promise<void> {
    await this.#once(`grant ${database}`, () => this.#renewGrant(database)).catch(() => {});
  }

  /** Takes the certificate on disk when it is a newer one. Returns whether it was. */
  async adopt(): Promise<boolean> {
    const found = await this.#readCertificate();
    const now = this.#options.clock.now();
    if (found === null || found.certificate === this.#certificate?.certificate) return false;
    if (!isUsable(found, now) || found.issuedAt < (this.#certificate?.issuedAt ?? 0)) return false;
    this.#certificate = found;
    await this.#options.onSignedInAgain?.();
    this.#options.onRenewed?.();
    return true;
  }

  /** Renews what is due, for these databases. Returns when to look again, in milliseconds since the Unix epoch. */
  async renewDue(databases: readonly string[]): Promise<number> {
    let next = Number.POSITIVE_INFINITY;
    const certificate = await this.certificate();
    const isPasskey = this.#options.account.signedInWith === 'passkey';
    next = Math.min(next, isPasskey ? certificate.expiresAt : renewAt(certificate));
    for (const database of databases) {
      const grant = await this.grant(database);
      if (grant !== null) next = Math.min(next, renewAt(grant));
    }
    return next;
  }

  #behind(key: string, renew: () => Promise<void>): void {
    this.#once(key, renew).catch((thrown: unknown) => {
      this.#options.logger.warn({ code: toAppError(thrown).code, what: key }, 'renewal failed');
    });
  }

  #once(key: string, renew: () => Promise<void>): Promise<void> {
    const running = this.#underWay.get(key);
    if (running !== undefined) return running;
    const started = renew().finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, started);
    return started;
  }

  /**
   * A certificate that a passkey stands behind is made by its person alone: all that can be done here is to see whether
   * they have signed in again. It never lives longer in silence.
   */
  async #renewCertificate(): Promise<void> {
    if (await this.adopt()) return;
    if (this.#options.account.signedInWith === 'passkey') {
      // What still holds goes on to be used; who asks when nothing holds is told to sign in.
      const held = this.#certificate;
      if (held !== null && isUsable(held, this.#options.clock.now())) return;
      throw signInAgain();
    }
    const { account, client, clock, state } = this.#options;
    const issuedAt = clock.now();
    const answer = await client.issueCertificate({ params: { id: account.device.id } });
    const held: HeldCertificate = {
      device: account.device.id,
      certificate: answer.certificate,
      issuedAt,
      expiresAt: Date.parse(answer.expiresAt),
    };
    await state.write(certificateFile, held);
    this.#certificate = held;
    this.#options.onRenewed?.();
  }

  async #renewGrant(database: string): Promise<void> {
    // Another process may have signed in since, for a step-up that this grant needs.
    await this.adopt();
    const { client, clock, account } = this.#options;
    const { certificate } = await this.certificate();
    const certificateHash = hashOf(certificate);
    const issuedAt = clock.now();
    const answer = await client.issueGrant({
      params: { database },
      body: { certificateHash, device: account.device.id },
    });
    const held: HeldGrant = {
      database,
      certificateHash,
      grant: answer.grant,
      agent: answer.agent,
      tunnel: answer.tunnel,
      relay:
        answer.relay === null ? null : { ...answer.relay, expiresAt: Date.parse(answer.relay.expiresAt) },
      issuedAt,
      expiresAt: Date.parse(answer.expiresAt),
    };
    await (await this.#grantFolder()).write(`${database}.json`, held);
    this.#grants.set(database, held);
    this.#options.onRenewed?.();
  }

  async #readCertificate(): Promise<HeldCertificate | null> {
    const held = await this.#options.state.read(certificateFile, heldCertificateSchema);
    return held?.device === this.#options.account.device.id ? held : null;
  }

  async #readGrant(database: string): Promise<HeldGrant | null> {
    return (await this.#grantFolder()).read(`${database}.json`, heldGrantSchema);
  }

  #grantFolder(): Promise<StateFolder> {
    return this.#options.state.folder('grants');
  }
}

/** True when the control plane gave no answer, as opposed to a refusal. */
export function isOutage(thrown: unknown): boolean {
  const { code } = toAppError(thrown);
  return (
    code === 'CONTROL_PLANE_UNAVAILABLE' ||
    code === 'TIMEOUT' ||
    code === 'RATE_LIMITED' ||
    code === 'INTERNAL'
  );
}

function hashOf(certificate: string): string {
  return createHash('sha256').update(certificate).digest('base64url');
}

function signInAgain(): AppError {
  return new AppError('EXPIRED_CERTIFICATE', {
    message: 'Your sign-in has ended.',
    hint: 'Sign in again with "daam login".',
  });
}

function noCertificate(cause: unknown): AppError {
  return new AppError('EXPIRED_CERTIFICATE', {
    message: 'The device certificate has ended and the control plane cannot be reached for a new one.',
    hint: 'Check the network, then try again.',
    cause,
  });
}
