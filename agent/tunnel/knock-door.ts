/**
 * Who knocks: a sealed knock that came over the relay is opened and verified, offline, and answered. Only a knock that holds
 * makes its key a peer of the tunnel. Strangers hear nothing; a person of the organization hears why not.
 */
import { createHash, type KeyObject, timingSafeEqual } from 'node:crypto';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { ErrorCode } from '@daam/shared/errors/codes';
import type { DeviceCertificate } from '@daam/shared/identity/claims';
import {
  encodeKnock,
  type KnockAnswer,
  knockLifetimeMs,
  parseKnock,
  type SealedKnock,
  sealedKnockSchema,
} from '@daam/shared/identity/knock';
import { seal, unseal } from '@daam/shared/identity/sealed';
import {
  type AcceptDeps,
  checkDestination,
  checkPasskey,
  checkStanding,
  identityOf,
  type PeerIdentity,
} from './accept.ts';

/** Knock ids that are remembered so that none is taken twice; far more than arrive in their lifetime. */
const maxRemembered = 100_000;

export interface KnockDoorOptions {
  /** The agent's WireGuard key. */
  readonly privateKey: KeyObject;
  readonly accept: AcceptDeps;
  /** Makes the key a peer. What it answers is told to the device. */
  readonly admit: (admitted: {
    readonly key: string;
    readonly identity: PeerIdentity;
    readonly candidates: readonly string[];
  }) => Promise<{
    readonly address: string;
    readonly agentAddress: string;
    readonly port: number;
    readonly candidates: readonly string[];
    readonly run?: string;
  }>;
  readonly onRefused: (refused: DroppedKnock) => void;
}

/** A knock that let nobody in. */
export interface DroppedKnock {
  readonly key: string;
  readonly code: ErrorCode;
  readonly detail: string | null;
  /** What it showed, when the organization has signed that. */
  readonly certificate: DeviceCertificate | null;
}

export class KnockDoor {
  readonly #options: KnockDoorOptions;
  /** Id and end of life of the knocks that were opened, oldest first. */
  readonly #seen = new Map<string, number>();

  constructor(options: KnockDoorOptions) {
    this.#options = options;
  }

  /** Takes a knock from the holder of `key`, who the relay says it is. The sealed answer, or null for silence. */
  async take(key: string, sealed: Buffer): Promise<Buffer | null> {
    let knock: SealedKnock | null = null;
    let certificate: DeviceCertificate | null = null;
    try {
      knock = this.#open(key, sealed);
      certificate = await this.#options.accept.verifyCertificate(knock.certificate);
      const answer = await this.#admit({ key, knock, certificate });
      return this.#answer(key, answer);
    } catch (thrown) {
      const failure = toAppError(thrown);
      this.#options.onRefused({ key, code: failure.code, detail: failure.detail ?? null, certificate });
      // Only a key that the organization has certified learns why; to all others there is nobody here.
      if (knock === null || certificate?.wgKey !== key) return null;
      return this.#answer(key, {
        v: 1,
        id: knock.id,
        ok: false,
        code: failure.code,
        message: failure.message,
        hint: failure.hint ?? null,
      });
    }
  }

  #open(key: string, sealed: Buffer): SealedKnock {
    const { privateKey, accept } = this.#options;
    const plain = unseal({ purpose: 'knock', sealed, sender: key, receiver: privateKey });
    if (plain === null) throw new AppError('INVALID_PROOF', { detail: 'knock: the seal does not open' });
    const knock = parseKnock(sealedKnockSchema, plain);
    const now = accept.now();
    if (Math.abs(now - knock.at) > knockLifetimeMs) {
      throw new AppError('PROTOCOL_VIOLATION', { detail: 'knock: not of this time' });
    }
    this.#remember(knock, now);
    return knock;
  }

  #remember({ id, at }: SealedKnock, now: number): void {
    for (const [old, end] of this.#seen) {
      if (end > now && this.#seen.size < maxRemembered) break;
      this.#seen.delete(old);
    }
    if (this.#seen.has(id)) throw new AppError('PROTOCOL_VIOLATION', { detail: 'knock: heard before' });
    this.#seen.set(id, Math.max(at, now) + 2 * knockLifetimeMs);
  }

  async #admit({
    key,
    knock,
    certificate,
  }: {
    readonly key: string;
    readonly knock: SealedKnock;
    readonly certificate: DeviceCertificate;
  }): Promise<KnockAnswer> {
    const { accept, admit } = this.#options;
    if (!isSameKey(certificate.wgKey, key)) {
      throw new AppError('INVALID_PROOF', { detail: 'knock: the certificate is of another key' });
    }
    checkStanding(certificate, accept);
    checkPasskey(certificate, accept);
    await checkDestination(knock, accept);
    // A revocation may have come while the grant was verified.
    checkStanding(certificate, accept);
    const admitted = await admit({
      key,
      identity: identityOf(certificate, 'relay'),
      candidates: knock.candidates,
    });
    return { v: 1, id: knock.id, ok: true, ...admitted, candidates: [...admitted.candidates] };
  }

  #answer(key: string, answer: KnockAnswer): Buffer {
    const plain = encodeKnock(answer);
    return seal({ purpose: 'answer', plain, sender: this.#options.privateKey, receiver: key });
  }
}

function isSameKey(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
