import { randomUUID } from 'node:crypto';
import { asId, type DeviceId, type UserId } from '@daam/shared/domain/ids';
import type { AuthenticationMethod, DeviceCertificate } from '@daam/shared/identity/claims';
import type { PasskeyProof } from '@daam/shared/identity/passkey-proof';
import { recordActivity } from '../audit/activity.ts';
import type { Device } from '../db/entities/device.ts';
import { OrganizationEntity } from '../db/entities/organization.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { hashToken } from '../identity/tokens.ts';
import type { Services } from '../services.ts';

/** How somebody proved who they are, for a certificate. */
export interface Proven {
  readonly user: { readonly id: string; readonly email: string };
  readonly amr: readonly AuthenticationMethod[];
  readonly passkey: { readonly id: string; readonly proof: PasskeyProof } | null;
  /** Milliseconds since the Unix epoch. */
  readonly authTime: number;
  /** Seconds since the Unix epoch. */
  readonly exp: number;
}

/** Signs a device's certificate and remembers its hash, by which grants find how recent its sign-in is. */
export async function issueDeviceCertificate(
  { clock, signer }: Pick<Services, 'clock' | 'signer'>,
  scope: Scope,
  { device, proven }: { readonly device: Device; readonly proven: Proven },
): Promise<{ readonly certificate: string; readonly expiresAt: string }> {
  const now = clock.now();
  const organization = await scope.em.findOneOrFail(OrganizationEntity, { id: scope.org });
  const claims: DeviceCertificate = {
    org: scope.org,
    user: asId<UserId>(proven.user.id),
    email: proven.user.email,
    device: asId<DeviceId>(device.id),
    wgKey: device.wgKey,
    amr: proven.amr,
    passkey: proven.passkey?.proof ?? null,
    authTime: Math.floor(proven.authTime / 1000),
    iat: Math.floor(now / 1000),
    exp: proven.exp,
    epoch: organization.revocationEpoch,
    jti: randomUUID(),
  };
  const certificate = await signer.sign(scope, 'deviceCertificate', claims);
  const expiresAt = new Date(claims.exp * 1000);
  // Never earlier than before: a revoked device is in bundles until the last of its certificates has ended.
  const known = device.certificateExpiresAt?.getTime() ?? 0;
  device.certificateExpiresAt = new Date(Math.max(known, expiresAt.getTime()));
  await scope.em.flush();
  await query(
    scope.em,
    'delete from device_certificates where org_id = ? and device_id = ? and expires_at < ?',
    [scope.org, device.id, new Date(now)],
  );
  await query(
    scope.em,
    `insert into device_certificates (hash, org_id, device_id, passkey_id, auth_time, expires_at, created_at)
     values (?, ?, ?, ?, ?, ?, ?)`,
    [
      hashToken(certificate),
      scope.org,
      device.id,
      proven.passkey?.id ?? null,
      new Date(proven.authTime),
      expiresAt,
      new Date(now),
    ],
  );
  await recordActivity(scope, now, {
    action: 'certificate.issued',
    actor: { kind: 'user', id: proven.user.id, label: proven.user.email },
    target: { kind: 'device', id: device.id, label: device.name },
    detail: { jti: claims.jti, exp: claims.exp, amr: claims.amr, passkey: proven.passkey?.id ?? null },
  });
  return { certificate, expiresAt: expiresAt.toISOString() };
}
