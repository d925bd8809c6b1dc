import { createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../base/secret.ts';
import { AppError } from '../errors/app-error.ts';
import { scramKeys, scramPassword } from './scram-verifier.ts';

/**
 * A hostile server may ask for any amount of hashing (CVE-2026-42198 in pgjdbc). A million rounds take about a
 * third of a second on a worker thread; PostgreSQL's default is 4,096.
 */
export const maxScramIterations = 1_000_000;

const serverFirstForm =
  /^r=([\x21-\x2b\x2d-\x7e]{1,1024}),s=([A-Za-z0-9+/]{1,1024}={0,2}),i=([1-9][0-9]{0,6})$/;
const serverFinalForm = /^v=([A-Za-z0-9+/]{43}=)$/;
const keyBytes = 32;

export interface ScramOptions {
  readonly password: Secret;
  /** 18 random bytes or more in base64. */
  readonly nonce: string;
  /** The hash of the server's certificate (RFC 5929 tls-server-end-point) to bind to; null for no binding. */
  readonly channelBinding: Buffer | null;
  /** True when we could bind over this TLS connection but the server did not offer it: it then detects a downgrade. */
  readonly bindingNotOffered: boolean;
}

/** One exchange. Call the three in order; each throws UPSTREAM_AUTH_FAILED when the server does not play by the rules. */
export interface ScramExchange {
  readonly mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-256-PLUS';
  /** The client-first-message. */
  readonly first: Buffer;
  /** Takes the server-first-message, answers with the client-final-message. */
  answer(serverFirst: Buffer): Promise<Buffer>;
  /** Takes the server-final-message and proves that the server knows the password too. */
  verify(serverFinal: Buffer): void;
}

/** SCRAM-SHA-256 with or without channel binding, RFC 5802 and RFC 7677. */
export function startScram(options: ScramOptions): ScramExchange {
  const bound = options.channelBinding !== null;
  const gs2Header = bound ? 'p=tls-server-end-point,,' : options.bindingNotOffered ? 'y,,' : 'n,,';
  // PostgreSQL takes the user from the start-up packet and ignores this name.
  const firstBare = `n=,r=${options.nonce}`;
  let expectedSignature: Buffer | null = null;

  return {
    mechanism: bound ? 'SCRAM-SHA-256-PLUS' : 'SCRAM-SHA-256',
    first: Buffer.from(gs2Header + firstBare),
    async answer(serverFirst) {
      const { nonce, salt, iterations } = parseServerFirst(serverFirst, options.nonce);
      const binding = Buffer.concat([Buffer.from(gs2Header), options.channelBinding ?? Buffer.alloc(0)]);
      const finalBare = `c=${binding.toString('base64')},r=${nonce}`;
      const authMessage = `${firstBare},${serverFirst.toString('latin1')},${finalBare}`;
      const salted = await derive(scramPassword(options.password), salt, iterations);
      const { clientKey, storedKey, serverKey } = scramKeys(salted);
      const clientSignature = createHmac('sha256', storedKey).update(authMessage).digest();
      const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (clientSignature[i] ?? 0)));
      expectedSignature = createHmac('sha256', serverKey).update(authMessage).digest();
      return Buffer.from(`${finalBare},p=${proof.toString('base64')}`);
    },
    verify(serverFinal) {
      const match = serverFinalForm.exec(serverFinal.toString('latin1'));
      const signature = Buffer.from(match?.[1] ?? '', 'base64');
      if (
        expectedSignature === null ||
        signature.length !== keyBytes ||
        !timingSafeEqual(signature, expectedSignature)
      ) {
        throw failed('the server signature is wrong');
      }
    },
  };
}

/** On a worker thread: others go on meanwhile. */
function derive(password: Buffer, salt: Buffer, iterations: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(password, salt, iterations, keyBytes, 'sha256', (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

function parseServerFirst(
  bytes: Buffer,
  ownNonce: string,
): { nonce: string; salt: Buffer; iterations: number } {
  const match = serverFirstForm.exec(bytes.toString('latin1'));
  if (match === null) throw failed('the server-first-message is malformed');
  const nonce = match[1] ?? '';
  if (!nonce.startsWith(ownNonce) || nonce.length === ownNonce.length)
    throw failed('the server nonce is wrong');
  const iterations = Number(match[3]);
  if (iterations > maxScramIterations) throw failed(`${iterations} iterations, limit ${maxScramIterations}`);
  return { nonce, salt: Buffer.from(match[2] ?? '', 'base64'), iterations };
}

function failed(detail: string): AppError {
  return new AppError('UPSTREAM_AUTH_FAILED', { detail: `SCRAM: ${detail}` });
}
