import { randomUUID } from 'node:crypto';
import type { SignedIn } from '@daam/shared/api/routes/auth';
import type { OrgId } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import { OrganizationEntity } from '../db/entities/organization.ts';
import { PasskeyEntity } from '../db/entities/passkey.ts';
import { UserEntity } from '../db/entities/user.ts';
import { query } from '../db/query.ts';
import { changeOrganization, type Scope } from '../db/scope.ts';
import { findOrAddDevice } from '../devices/handlers.ts';
import { issueDeviceCertificate } from '../devices/issue-certificate.ts';
import type { Services } from '../services.ts';
import type { Approval, AskingDevice } from './flows.ts';
import { lockReplayed } from './one-time-codes.ts';
import { createToken } from './tokens.ts';

/** A code that was taken, whose device proved its key. */
export interface CompletedSignIn {
  readonly org: OrgId;
  readonly codeHash: string;
  readonly approval: Approval;
  readonly device: AskingDevice;
  /** The session of the browser that the sign-in opened, if it did. */
  readonly session: string | null;
}

/**
 * The end of a sign-in: the device with that key, its certificate with the passkey's assertion inside, and an access
 * token that ends with it. REVOKED for a key that was revoked, CONFLICT for somebody else's.
 */
export async function completeSignIn(services: Services, signIn: CompletedSignIn): Promise<SignedIn> {
  const { clock, store } = services;
  const { approval, device: asking } = signIn;
  return await changeOrganization(store, signIn.org, async (scope) => {
    const now = clock.now();
    if (await lockReplayed(scope.em, signIn.codeHash)) throw codeRefused('came again meanwhile');
    const user = await scope.em.findOne(UserEntity, { id: approval.user, disabledAt: null });
    const passkey = await scope.em.findOne(PasskeyEntity, {
      id: approval.passkeyId,
      revokedAt: null,
      isHeld: false,
    });
    if (user === null || passkey === null || approval.exp * 1000 <= now) throw codeRefused();
    const device = await findOrAddDevice(scope, { user, asking, now });
    const { certificate, expiresAt } = await issueDeviceCertificate(services, scope, {
      device,
      proven: {
        user,
        amr: ['hwk', 'user'],
        passkey: { id: passkey.id, proof: approval.proof },
        authTime: approval.authTime,
        exp: approval.exp,
      },
    });
    const accessToken = await issueAccessToken(scope, {
      user: user.id,
      device: device.id,
      codeHash: signIn.codeHash,
      session: signIn.session,
      now: new Date(now),
      expiresAt: new Date(approval.exp * 1000),
    });
    const organization = await scope.em.findOneOrFail(OrganizationEntity, { id: scope.org });
    return {
      accessToken,
      expiresAt,
      user: { id: user.id, email: user.email, name: user.name, role: user.role },
      org: { id: organization.id, name: organization.name },
      device: { id: device.id, name: device.name },
      certificate,
      certificateExpiresAt: expiresAt,
    };
  });
}

interface AccessTokenRequest {
  readonly user: string;
  readonly device: string;
  readonly codeHash: string;
  readonly session: string | null;
  readonly now: Date;
  readonly expiresAt: Date;
}

/** Older tokens of the device go on until they end by themselves, so that what runs beside a new sign-in is not cut. */
async function issueAccessToken(scope: Scope, asked: AccessTokenRequest): Promise<string> {
  const { token, hash } = createToken('access');
  await query(scope.em, 'delete from access_tokens where org_id = ? and device_id = ? and expires_at < ?', [
    scope.org,
    asked.device,
    asked.now,
  ]);
  await query(
    scope.em,
    `insert into access_tokens (id, org_id, user_id, device_id, hash, code_hash, session_id, created_at, expires_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      randomUUID(),
      scope.org,
      asked.user,
      asked.device,
      hash,
      asked.codeHash,
      asked.session,
      asked.now,
      asked.expiresAt,
    ],
  );
  return token.reveal();
}

/** One answer for every code that is none any more. */
export function codeRefused(detail?: string): AppError {
  return new AppError('UNAUTHENTICATED', {
    message: 'The code is not valid any more.',
    hint: 'Sign in again.',
    ...(detail === undefined ? {} : { detail }),
  });
}
