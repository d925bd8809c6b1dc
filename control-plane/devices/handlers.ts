import { randomUUID } from 'node:crypto';
import { asId, type DeviceId } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import type { DeviceCertificate } from '@daam/shared/identity/claims';
import { recordActivity } from '../audit/activity.ts';
import { type Device, DeviceEntity } from '../db/entities/device.ts';
import { OrganizationEntity } from '../db/entities/organization.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers } from '../http/call.ts';
import { bumpEpochs, databasesOfUser } from '../policies/access-change.ts';
import { actorOf, type Services } from '../services.ts';

type Names = 'registerDevice' | 'listDevices' | 'revokeDevice' | 'issueCertificate';

/** Devices and their certificates. A revoked device reaches the agents at commit. */
export function deviceHandlers({ clock, signer, identity }: Services): Handlers<Names> {
  return {
    registerDevice: async ({ caller, scope, body }) => {
      const known = await scope.em.findOne(DeviceEntity, { wgKey: body.wgKey });
      if (known !== null) return showDevice(sameDevice(known, caller.id));
      const now = clock.now();
      const device = scope.em.create(DeviceEntity, {
        id: randomUUID(),
        orgId: scope.org,
        userId: caller.id,
        name: body.name,
        os: body.os,
        wgKey: body.wgKey,
        certificateExpiresAt: null,
        revokedAt: null,
        createdAt: new Date(now),
      });
      await scope.em.flush();
      const target = targetOf(device);
      await recordActivity(scope, now, { action: 'device.registered', actor: actorOf(caller), target });
      return showDevice(device);
    },

    listDevices: async ({ caller, scope }) => {
      const devices = await scope.em.find(
        DeviceEntity,
        { userId: caller.id },
        { orderBy: { createdAt: 'desc' }, limit: 200 },
      );
      return { items: devices.map(showDevice) };
    },

    revokeDevice: async ({ caller, scope, params }) => {
      const device = await scope.em.findOne(DeviceEntity, { id: params.id });
      const isVisible = device !== null && (device.userId === caller.id || caller.role === 'admin');
      if (!isVisible) throw new AppError('NOT_FOUND', { message: 'There is no such device.' });
      if (device.revokedAt !== null) return;
      const now = clock.now();
      device.revokedAt = new Date(now);
      const organization = await scope.em.findOneOrFail(OrganizationEntity, { id: scope.org });
      organization.revocationEpoch += 1;
      await scope.em.flush();
      await bumpEpochs(scope, await databasesOfUser(scope, device.userId));
      await recordActivity(scope, now, {
        action: 'device.revoked',
        actor: actorOf(caller),
        target: targetOf(device),
        detail: { user: device.userId },
      });
    },

    issueCertificate: async ({ caller, scope, params }) => {
      if (!identity.developmentTokens) {
        throw new AppError('UNSUPPORTED', {
          message: 'A device certificate needs a passkey, not only an API token.',
          hint: 'Sign in with a passkey.',
        });
      }
      const device = await findOwnDevice(scope, params.id, caller.id);
      const now = clock.now();
      const iat = Math.floor(now / 1000);
      const organization = await scope.em.findOneOrFail(OrganizationEntity, { id: scope.org });
      const claims: DeviceCertificate = {
        org: scope.org,
        user: caller.id,
        email: caller.email,
        device: asId<DeviceId>(device.id),
        wgKey: device.wgKey,
        amr: ['dev-token'],
        passkey: null,
        authTime: iat,
        iat,
        exp: iat + Math.round(identity.certificateHours * 3600),
        epoch: organization.revocationEpoch,
        jti: randomUUID(),
      };
      device.certificateExpiresAt = new Date(claims.exp * 1000);
      await scope.em.flush();
      await recordActivity(scope, now, {
        action: 'certificate.issued',
        actor: actorOf(caller),
        target: targetOf(device),
        detail: { jti: claims.jti, exp: claims.exp, amr: claims.amr },
      });
      const certificate = await signer.sign(scope, 'deviceCertificate', claims);
      return { certificate, expiresAt: new Date(claims.exp * 1000).toISOString() };
    },
  };
}

/** The same key again is the same device, unless it is somebody else's or was revoked. */
function sameDevice(device: Device, user: string): Device {
  if (device.userId !== user)
    throw new AppError('CONFLICT', { field: 'body.wgKey', message: 'The key is in use.' });
  if (device.revokedAt !== null)
    throw new AppError('REVOKED', { hint: 'Make a new device key and register that.' });
  return device;
}

async function findOwnDevice(scope: Scope, id: string, user: string): Promise<Device> {
  const device = await scope.em.findOne(DeviceEntity, { id, userId: user });
  if (device === null) throw new AppError('NOT_FOUND', { message: 'There is no such device.' });
  if (device.revokedAt !== null) throw new AppError('REVOKED');
  return device;
}

function targetOf(device: Device) {
  return { kind: 'device', id: device.id, label: device.name };
}

function showDevice(device: Device) {
  return {
    id: device.id,
    name: device.name,
    os: device.os,
    wgKey: device.wgKey,
    createdAt: device.createdAt.toISOString(),
    revokedAt: device.revokedAt?.toISOString() ?? null,
  };
}
