/**
 * The sign-in routes of a control plane for tests, without passkeys: whoever opens the page is let in at once. What binds a
 * code (PKCE, redirect URI, device key) is checked as the real one does.
 */
import { createHash, randomBytes } from 'node:crypto';
import { authorizeQuery, type AuthorizeQuery, authRoutes } from '@daam/shared/api/routes/auth';
import { makeChallenge, type PendingChallenge, verifyProof } from '@daam/shared/identity/possession';

interface Waiting {
  readonly wgKey: string;
  readonly query: AuthorizeQuery | null;
  isApproved: boolean;
}

/** What a route answers. */
export interface Answer {
  readonly status: number;
  readonly value: unknown;
}

export class FakeSignIn {
  readonly #challenges = new Map<string, PendingChallenge>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #origin: () => string;
  readonly #signedIn: (wgKey: string) => unknown;
  /** Error to answer the next exchange with. */
  refuseNext: { readonly status: number; readonly code: string } | null = null;
  /** Keys that are not taken. */
  readonly revokedKeys = new Set<string>();
  userCode = 'BCDF-GHJK';

  constructor(options: { readonly origin: () => string; readonly signedIn: (wgKey: string) => unknown }) {
    this.#origin = options.origin;
    this.#signedIn = options.signedIn;
  }

  /** What the browser does on the page: the address that it is sent to. */
  authorize(pageUrl: string, answer: 'yes' | 'no' = 'yes'): string {
    const query = authorizeQuery.parse(Object.fromEntries(new URL(pageUrl).searchParams));
    const back = new URL(query.redirect_uri);
    back.searchParams.set('state', query.state);
    if (answer === 'no') back.searchParams.set('error', 'access_denied');
    else back.searchParams.set('code', this.#wait({ wgKey: query.wg_key, query, isApproved: true }));
    return back.href;
  }

  /** The person has typed the code elsewhere. */
  approve(): void {
    for (const waiting of this.#waiting.values()) waiting.isApproved = true;
  }

  /** The answer to a call of a sign-in route; null for any other call. */
  answer(call: string, body: unknown): Answer | null {
    if (call === 'POST /api/v1/auth/challenge') return this.#challenge();
    if (call === 'POST /api/v1/auth/device') return this.#startDevice(body);
    if (call === 'POST /api/v1/auth/token') return this.#exchange(body);
    return null;
  }

  #wait(waiting: Waiting): string {
    const code = randomBytes(32).toString('base64url');
    this.#waiting.set(code, waiting);
    return code;
  }

  #challenge(): Answer {
    const pending = makeChallenge();
    const challenge = randomBytes(32).toString('base64url');
    this.#challenges.set(challenge, pending);
    const expiresAt = '2030-01-01T00:00:00.000Z';
    return { status: 201, value: { challenge, ...pending.challenge, expiresAt } };
  }

  #startDevice(body: unknown): Answer {
    const { wg_key: wgKey } = authRoutes.startDeviceCode.body.parse(body);
    const device_code = this.#wait({ wgKey, query: null, isApproved: false });
    const verification_uri = `${this.#origin()}/device`;
    const value = {
      device_code,
      user_code: this.userCode,
      verification_uri,
      verification_uri_complete: `${verification_uri}?code=${this.userCode}`,
      expires_in: 600,
      interval: 1,
    };
    return { status: 201, value };
  }

  #exchange(body: unknown): Answer {
    const asked = authRoutes.exchangeToken.body.parse(body);
    const refusal = this.refuseNext;
    this.refuseNext = null;
    if (refusal !== null) return fail(refusal.status, refusal.code);
    const document = asked.grant_type === 'authorization_code' ? asked.code : asked.device_code;
    const waiting = this.#waiting.get(document);
    const pending = this.#challenges.get(asked.device_proof.challenge);
    this.#challenges.delete(asked.device_proof.challenge);
    if (waiting === undefined || pending === undefined) return fail(401, 'UNAUTHENTICATED');
    const binding = { purpose: 'control-plane', document, audience: this.#origin() } as const;
    const { proof } = asked.device_proof;
    if (!verifyProof({ pending, deviceKey: waiting.wgKey, binding, proof }))
      return fail(401, 'INVALID_PROOF');
    if (!waiting.isApproved) return fail(400, 'AUTHORIZATION_PENDING');
    this.#waiting.delete(document);
    if (asked.grant_type === 'authorization_code') {
      const hash = createHash('sha256').update(asked.code_verifier).digest('base64url');
      const isBound =
        hash === waiting.query?.code_challenge && asked.redirect_uri === waiting.query.redirect_uri;
      if (!isBound) return fail(401, 'UNAUTHENTICATED');
    }
    if (this.revokedKeys.has(waiting.wgKey)) return fail(401, 'REVOKED');
    return { status: 201, value: this.#signedIn(waiting.wgKey) };
  }
}

function fail(status: number, code: string): Answer {
  return { status, value: { error: { code, message: `refused with ${code}`, requestId: 'r1' } } };
}
