import { randomUUID } from 'node:crypto';
import type { DeviceView } from '@daam/shared/api/routes/devices';
import { AppError } from '@daam/shared/errors/app-error';
import { recordActivity } from '../audit/activity.ts';
import { type Device, DeviceEntity } from '../db/entities/device.ts';
import { UserEntity } from '../db/entities/user.ts';
import type { Scope } from '../db/scope.ts';
import type { Handlers, Person } from '../http/call.ts';
import { actorOf, type Services } from '../services.ts';
import { issueDeviceCertificate } from './issue-certificate.ts';
import { revokeDeviceRow } from './revoke-device.ts';

type Names =
  | 'registerDevice'
  | 'listDevices'
  | 'listOrganizationDevices'
  | 'renameDevice'
  | 'revokeDevice'
  | 'issueCertificate';

/** Devices and their certificates. A revoked device reaches the agents at commit. */
export function deviceHandlers({ clock, signer, identity }: Services): Handlers<Names> {
  return {
    registerDevice: async ({ caller, scope, body }) => {
      const device = await findOrAddDevice(scope, { user: caller, asking: body, now: clock.now() });
      return showDevice(device, caller);
    },

    listDevices: async ({ caller, scope }) => {
      const devices = await devicesOf(scope, caller.id);
      return { items: devices.map((device) => showDevice(device, caller)) };
    },

    listOrganizationDevices: async ({ caller, scope, query }) => {
      const devices = await scope.em.find(
        DeviceEntity,
        query.user === undefined ? {} : { userId: query.user },
        { orderBy: { createdAt: 'desc' }, limit: 1000 },
      );
      const users = await scope.em.find(UserEntity, { id: { $in: devices.map(({ userId }) => userId) } });
      const emails = new Map(users.map(({ id, email }) => [id, email]));
      return {
        items: devices.map((device) => ({
          ...showDevice(device, caller),
          user: { id: device.userId, email: emails.get(device.userId) ?? '' },
        })),
      };
    },

    renameDevice: async ({ caller, scope, params, body }) => {
      const device = await findOwnDevice(scope, params.id, caller.id);
      await renameDeviceRow(scope, device, { caller, name: body.name, now: clock.now() });
      return showDevice(device, caller);
    },

    revokeDevice: async ({ caller, scope, params }) =>
      await revokeDeviceOf(scope, { caller, id: params.id, now: clock.now() }),

    issueCertificate: async ({ caller, scope, params }) => {
      if (!identity.developmentTokens) {
        throw new AppError('UNSUPPORTED', {
          message: 'A device certificate needs a passkey, not only an API token.',
          hint: 'Sign in with a passkey.',
        });
      }
      const device = await findOwnDevice(scope, params.id, caller.id);
      const now = clock.now();
      const exp = Math.floor(now / 1000) + Math.round(identity.certificateHours * 3600);
      const proven = { user: caller, amr: ['dev-token'] as const, passkey: null, authTime: now, exp };
      return await issueDeviceCertificate({ clock, signer }, scope, { device, proven });
    },
  };
}

/** Devices that one person may have at a time. */
const maxDevices = 100;

/** The device with this key: the same key again is the same device, unless it is somebody else's or was revoked. */
export async function findOrAddDevice(
  scope: Scope,
  asked: {
    readonly user: { readonly id: string; readonly email: string };
    readonly asking: { readonly name: string; readonly os: string; readonly wgKey: string };
    readonly now: number;
  },
): Promise<Device> {
  const { user, asking, now } = asked;
  const known = await scope.em.findOne(DeviceEntity, { wgKey: asking.wgKey });
  if (known !== null) return sameDevice(known, user.id);
  if ((await scope.em.count(DeviceEntity, { userId: user.id, revokedAt: null })) >= maxDevices) {
    throw new AppError('CONFLICT', {
      message: `One person may have ${maxDevices} devices.`,
      hint: 'Remove devices that you no longer use.',
    });
  }
  const device = scope.em.create(DeviceEntity, {
    id: randomUUID(),
    orgId: scope.org,
    userId: user.id,
    name: asking.name,
    os: asking.os,
    wgKey: asking.wgKey,
    certificateExpiresAt: null,
    lastUsedAt: null,
    revokedAt: null,
    createdAt: new Date(now),
  });
  await scope.em.flush();
  const actor = { kind: 'user', id: user.id, label: user.email } as const;
  await recordActivity(scope, now, {
    action: 'device.registered',
    actor,
    target: targetOf(device),
    after: { user: user.id, name: device.name, os: device.os },
  });
  return device;
}

/** A person's devices, newest first. */
export async function devicesOf(scope: Scope, user: string): Promise<Device[]> {
  return await scope.em.find(DeviceEntity, { userId: user }, { orderBy: { createdAt: 'desc' }, limit: 200 });
}

/** One's own device that is good; NOT_FOUND or REVOKED. */
export async function findOwnDevice(scope: Scope, id: string, user: string): Promise<Device> {
  const device = await scope.em.findOne(DeviceEntity, { id, userId: user });
  if (device === null) throw new AppError('NOT_FOUND', { message: 'There is no such device.' });
  if (device.revokedAt !== null) throw new AppError('REVOKED');
  return device;
}

/** Gives a device another name. */
export async function renameDeviceRow(
  scope: Scope,
  device: Device,
  { caller, name, now }: { readonly caller: Person; readonly name: string; readonly now: number },
): Promise<void> {
  const before = device.name;
  device.name = name;
  await scope.em.flush();
  const target = targetOf(device);
  await recordActivity(scope, now, {
    action: 'device.renamed',
    actor: actorOf(caller),
    target,
    before: { name: before },
    after: { name },
  });
}

/** Revokes a device: one's own, or as administrator anyone's. NOT_FOUND for others; nothing when it was already. */
export async function revokeDeviceOf(
  scope: Scope,
  { caller, id, now }: { readonly caller: Person; readonly id: string; readonly now: number },
): Promise<void> {
  const device = await scope.em.findOne(DeviceEntity, { id });
  const isVisible = device !== null && (device.userId === caller.id || caller.role === 'admin');
  if (!isVisible) throw new AppError('NOT_FOUND', { message: 'There is no such device.' });
  if (device.revokedAt !== null) return;
  await revokeDeviceRow(scope, device, now);
  await recordActivity(scope, now, {
    action: 'device.revoked',
    actor: actorOf(caller),
    target: targetOf(device),
    detail: { user: device.userId },
    before: { revoked: false },
    after: { revoked: true },
  });
}

function sameDevice(device: Device, user: string): Device {
  if (device.userId !== user)
    throw new AppError('CONFLICT', {
      field: 'body.wgKey',
      message: 'The key is in use.',
      hint: 'Make a new device key.',
    });
  if (device.revokedAt !== null)
    throw new AppError('REVOKED', { hint: 'Make a new device key and register that.' });
  return device;
}

function targetOf(device: Device) {
  return { kind: 'device', id: device.id, label: device.name };
}

function showDevice(device: Device, caller: Person): DeviceView {
  return {
    id: device.id,
    name: device.name,
    os: device.os,
    wgKey: device.wgKey,
    createdAt: device.createdAt.toISOString(),
    certificateExpiresAt: device.certificateExpiresAt?.toISOString() ?? null,
    lastUsedAt: device.lastUsedAt?.toISOString() ?? null,
    isCurrent: caller.device === device.id,
    revokedAt: device.revokedAt?.toISOString() ?? null,
  };
}
