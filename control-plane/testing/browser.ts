import { createHash, randomBytes } from 'node:crypto';
import type { ApiClient } from '@daam/shared/api/client';
import { desktopClientId, deviceCodeGrant, type SignedIn } from '@daam/shared/api/routes/auth';
import { Secret } from '@daam/shared/base/secret';
import { prove } from '@daam/shared/identity/possession';
import { generateX25519, x25519PublicText } from '@daam/shared/identity/x25519';
import type { FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { Store } from '../db/store.ts';
import { inviteByEmail } from '../identity/invitations.ts';
import type { TestControlPlane } from './start.ts';

type Json = Record<string, unknown>;

/** Options of a ceremony, as the pages' script gets them. */
export interface Begun extends Json {
  readonly flow: string;
  readonly publicKey: { readonly challenge: string };
}

/** How often each was used. */
const counters = new WeakMap<FakeAuthenticator, number>();

/** A browser without a window: cookies, the header `Origin`, and the calls of pages.js. For tests alone. */
export class TestBrowser {
  readonly #plane: TestControlPlane;
  readonly origin: string;
  cookie: string | null = null;

  constructor(plane: TestControlPlane) {
    this.#plane = plane;
    this.origin = new URL(plane.controlPlane.url).origin;
  }

  async open(path: string) {
    const response = await fetch(new URL(path, this.#plane.controlPlane.url), {
      headers: this.#cookies(),
      redirect: 'manual',
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  }

  /** A call of the pages' script; throws the error's body when it is refused. */
  async call<Answer = Json>(
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await this.#plane.send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: this.origin, ...this.#cookies(), ...headers },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { error?: { code: string } };
    if (answer.error !== undefined) throw answer.error as unknown as Error;
    const set = response.headers.getSetCookie()[0];
    if (set !== undefined) this.cookie = set.split(';')[0] ?? null;
    return answer as Answer;
  }

  /** What the browser does with a registration at this origin. */
  register(authenticator: FakeAuthenticator, begun: Begun) {
    return authenticator.register(begun.publicKey.challenge, { origin: this.origin });
  }

  /** What the browser does with an assertion at this origin. Counters grow, as they do in hardware. */
  get(authenticator: FakeAuthenticator, begun: Begun) {
    const signCount = (counters.get(authenticator) ?? 1) + 1;
    counters.set(authenticator, signCount);
    return authenticator.get(begun.publicKey.challenge, { origin: this.origin, signCount });
  }

  #cookies(): Record<string, string> {
    return this.cookie === null ? {} : { cookie: this.cookie };
  }
}

/** Invites a user and makes their passkey on the enrolment page. */
export async function enroll(
  browser: TestBrowser,
  admin: ApiClient,
  asked: { readonly user: string; readonly authenticator: FakeAuthenticator },
) {
  const { url } = await admin.inviteUser({ params: { id: asked.user } });
  return await enrollBy(browser, url, asked.authenticator);
}

/** As the command `daam-control-plane invite` does; the link. */
export async function inviteByCommand(plane: TestControlPlane, email: string, now: number): Promise<string> {
  await using store = await Store.open({ dsn: new Secret(plane.dsn), poolSize: 1 });
  const deps = { store, clock: { now: () => now }, url: plane.controlPlane.url };
  return (await inviteByEmail(deps, { email, org: null })).url;
}

/** Makes a passkey with an invitation's link. */
export async function enrollBy(browser: TestBrowser, url: string, authenticator: FakeAuthenticator) {
  const begun = await browser.call<Begun>('/enroll/begin', { invitation: new URL(url).hash.slice(1) });
  const credential = browser.register(authenticator, begun);
  return await browser.call<{ fingerprint: string; isFirst: boolean }>('/enroll/finish', {
    flow: begun.flow,
    credential,
    name: 'Laptop',
  });
}

/** An administrator, signed in to the pages, speaks for somebody's passkey with their own. */
export async function approve(browser: TestBrowser, authenticator: FakeAuthenticator, passkey: string) {
  const begun = await browser.call<Begun>('/admin/passkeys/begin', { passkey });
  const credential = browser.get(authenticator, begun);
  return await browser.call('/admin/passkeys/finish', { flow: begun.flow, credential });
}

/** Signs a browser in to the pages. */
export async function signIn(browser: TestBrowser, authenticator: FakeAuthenticator): Promise<void> {
  const begun = await browser.call<Begun>('/auth/session/begin', {});
  const credential = browser.get(authenticator, begun);
  await browser.call('/auth/session/finish', { flow: begun.flow, credential });
}

/** A device that signs in: its key, its PKCE pair, and what it asks the page. */
export class TestDevice {
  readonly key = generateX25519();
  readonly wgKey = x25519PublicText(this.key);
  readonly verifier = randomBytes(32).toString('base64url');
  readonly state = randomBytes(12).toString('base64url');
  readonly redirectUri = 'http://127.0.0.1:50123/callback';
  readonly #plane: TestControlPlane;

  constructor(plane: TestControlPlane) {
    this.#plane = plane;
  }

  query(changes: Record<string, string> = {}): Record<string, string> {
    return {
      client_id: desktopClientId,
      redirect_uri: this.redirectUri,
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      state: this.state,
      device_name: 'Laptop',
      device_os: 'linux',
      wg_key: this.wgKey,
      ...changes,
    };
  }

  /** The browser's part; answers where the page goes next. */
  async authorize(browser: TestBrowser, authenticator: FakeAuthenticator, changes = {}): Promise<URL> {
    const begun = await browser.call<Begun>('/auth/authorize/begin', this.query(changes));
    const credential = browser.get(authenticator, begun);
    const { redirect } = await browser.call<{ redirect: string }>('/auth/authorize/finish', {
      flow: begun.flow,
      credential,
    });
    return new URL(redirect);
  }

  /** Proof of the key over a code, for a fresh challenge. */
  async prove(document: string, audience = `http://127.0.0.1:${this.#plane.controlPlane.port}`) {
    const { challenge, nonce, verifierKey } = await this.#plane.client(null).makeAuthChallenge();
    const binding = { purpose: 'control-plane', document, audience } as const;
    const proof = prove({ challenge: { nonce, verifierKey }, deviceKey: this.key, binding });
    return { challenge, proof };
  }

  async exchange(code: string, changes: Record<string, unknown> = {}): Promise<SignedIn> {
    return await this.#plane.client(null).exchangeToken({
      body: {
        grant_type: 'authorization_code',
        client_id: desktopClientId,
        code,
        code_verifier: this.verifier,
        redirect_uri: this.redirectUri,
        device_proof: await this.prove(code),
        ...changes,
      },
    });
  }

  async exchangeDevice(code: string): Promise<SignedIn> {
    return await this.#plane.client(null).exchangeToken({
      body: {
        grant_type: deviceCodeGrant,
        client_id: desktopClientId,
        device_code: code,
        device_proof: await this.prove(code),
      },
    });
  }

  /** The whole sign-in. */
  async signIn(browser: TestBrowser, authenticator: FakeAuthenticator): Promise<SignedIn> {
    const redirect = await this.authorize(browser, authenticator);
    return await this.exchange(redirect.searchParams.get('code') ?? '');
  }
}
