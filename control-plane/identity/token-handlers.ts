import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import { devicePagePath } from '@daam/shared/api/routes/auth';
import { AppError } from '@daam/shared/errors/app-error';
import { query } from '../db/query.ts';
import { systemScope } from '../db/scope.ts';
import type { Call, Handlers } from '../http/call.ts';
import { RateLimitedError } from '../http/guard.ts';
import type { Services } from '../services.ts';
import { codeRefused, completeSignIn } from './complete-sign-in.ts';
import { authorizationCode, deviceCode } from './flows.ts';
import { invalidProof, issueKeyChallenge, requireKeyProof } from './key-challenges.ts';
import { createCode, noteReplay, peekCode, takeCode, takeCodeByHash } from './one-time-codes.ts';
import { requireRelyingParty } from './sign-in-commitment.ts';
import { hashToken } from './tokens.ts';

type Names = 'makeAuthChallenge' | 'exchangeToken' | 'startDeviceCode' | 'signOut';
type TokenRequest = Call<'exchangeToken'>['body'];
type CodeRequest = Extract<TokenRequest, { grant_type: 'authorization_code' }>;
type DeviceCodeRequest = Exclude<TokenRequest, CodeRequest>;

/** Seconds between two questions of a device that waits (RFC 8628 section 3.5). */
const pollSeconds = 5;

/** What the device itself does of a sign-in; the person's part is on the pages (pages/authorize.ts, pages/device.ts). */
export function tokenHandlers(services: Services): Handlers<Names> {
  const { store, clock, site } = services;
  return {
    makeAuthChallenge: async () => await issueKeyChallenge(services),

    exchangeToken: async ({ body }) =>
      body.grant_type === 'authorization_code'
        ? await exchangeCode(services, body)
        : await exchangeDeviceCode(services, body),

    startDeviceCode: async ({ body }) => {
      requireRelyingParty(services);
      const userCode = randomUserCode();
      const { text } = await createCode(systemScope(store, 'sign-in'), deviceCode, {
        org: null,
        userCode,
        data: {
          device: { name: body.device_name, os: body.device_os, wgKey: body.wg_key },
          org: body.org ?? null,
          loginHint: body.login_hint ?? null,
          status: 'pending',
          approval: null,
        },
        now: clock.now(),
      });
      const shown = `${userCode.slice(0, 4)}-${userCode.slice(4)}`;
      const page = `${site.url}${devicePagePath}`;
      return {
        device_code: text,
        user_code: shown,
        verification_uri: page,
        verification_uri_complete: `${page}?user_code=${shown}`,
        expires_in: Math.floor(deviceCode.lifetimeMs / 1000),
        interval: pollSeconds,
      };
    },

    signOut: async ({ caller, scope }) => {
      if (caller.via !== 'access-token') return;
      const at = new Date(clock.now());
      const [token] = await query<{ session_id: string | null }[]>(
        scope.em,
        'update access_tokens set revoked_at = ? where org_id = ? and id = ? returning session_id',
        [at, scope.org, caller.tokenId],
      );
      // The sign-in left the browser signed in to the pages as well.
      await query(
        scope.em,
        'update web_sessions set ended_at = ? where org_id = ? and id = ? and ended_at is null',
        [at, scope.org, token?.session_id ?? null],
      );
    },
  };
}

/** The code is used up before anything about the request is looked at: whoever errs begins again. */
async function exchangeCode(services: Services, body: CodeRequest) {
  const { store, clock } = services;
  const proof = await requireKeyProof(services, { proof: body.device_proof, document: body.code });
  const stored = await takeCode(systemScope(store, 'sign-in'), authorizationCode, {
    text: body.code,
    now: clock.now(),
  });
  if (stored === null || stored.org === null) {
    await endTokensOf(services, body.code);
    throw codeRefused('unknown, used or over');
  }
  const { approval, device, redirectUri, codeChallenge, session } = stored.data;
  const challenge = createHash('sha256').update(body.code_verifier).digest();
  if (!timingSafeEqual(challenge, Buffer.from(codeChallenge, 'base64url')))
    throw codeRefused('code verifier');
  if (body.redirect_uri !== redirectUri) throw codeRefused('redirect');
  if (!proof.holds(device.wgKey)) throw invalidProof('authorization code');
  return await completeSignIn(services, {
    org: stored.org,
    codeHash: stored.hash,
    approval,
    device,
    session,
  });
}

/** A code that comes twice was in other hands too: what it gave, or is about to give, ends (RFC 9700 section 2.1.1). */
async function endTokensOf({ store, clock }: Services, code: string): Promise<void> {
  const now = clock.now();
  await noteReplay(systemScope(store, 'sign-in'), authorizationCode, { hash: hashToken(code), now });
  await query(
    systemScope(store, 'sign-in'),
    'update access_tokens set revoked_at = ? where code_hash = ? and revoked_at is null',
    [new Date(now), hashToken(code)],
  );
}

async function exchangeDeviceCode(services: Services, body: DeviceCodeRequest) {
  const { store, clock } = services;
  const em = systemScope(store, 'sign-in');
  const proof = await requireKeyProof(services, { proof: body.device_proof, document: body.device_code });
  const now = clock.now();
  const hash = hashToken(body.device_code);
  const waiting = await peekCode(em, deviceCode, { hash, now });
  if (waiting === null) throw codeRefused('unknown, used or over');
  if (!proof.holds(waiting.data.device.wgKey)) throw invalidProof('device code');
  if (waiting.data.status === 'pending') {
    await noteQuestion(services, hash);
    throw new AppError('AUTHORIZATION_PENDING', { hint: `Ask again in ${pollSeconds} s.` });
  }
  const stored = await takeCodeByHash(em, deviceCode, { hash, now });
  if (stored?.data.status === 'refused') {
    throw new AppError('FORBIDDEN', { message: 'The sign-in was refused in the browser.' });
  }
  const approval = stored?.data.approval ?? null;
  if (stored === null || stored.org === null || approval === null) throw codeRefused('not approved');
  return await completeSignIn(services, {
    org: stored.org,
    codeHash: hash,
    approval,
    device: stored.data.device,
    session: null,
  });
}

/** Refuses a device that asks more often than it was told to. */
async function noteQuestion({ store, clock }: Services, hash: string): Promise<void> {
  const now = clock.now();
  const isInTime = await query(
    systemScope(store, 'sign-in'),
    `update one_time_codes set polled_at = ? where hash = ? and (polled_at is null or polled_at <= ?) returning hash`,
    [new Date(now), hash, new Date(now - (pollSeconds - 1) * 1000)],
  );
  if (isInTime.length === 0) throw new RateLimitedError(pollSeconds);
}

/** No vowels, so no words; no letters that are mistaken (RFC 8628 section 6.1). 34 bits for ten minutes. */
const userCodeLetters = 'BCDFGHJKLMNPQRSTVWXZ';

function randomUserCode(): string {
  return Array.from({ length: 8 }, () => userCodeLetters[randomInt(userCodeLetters.length)]).join('');
}
