import type { DeviceView } from '@daam/shared/api/routes/devices';
import { AppError } from '@daam/shared/errors/app-error';
import { deviceKeyFingerprint } from '@daam/shared/identity/match-code';
import { type Command, type CommandContext, exitCodes, print, table, UsageError } from '../command.ts';

/** `daam devices` */
export const devicesCommand: Command = {
  name: 'devices',
  summary: 'The devices that you are signed in on; rename or revoke one.',
  usage: 'devices [list [--all] | rename <device> <name> | revoke <device>] [--json]',
  details: `
  list                       your devices (default); --all shows revoked ones too
  rename <device> <name>     give it another name
  revoke <device>            end it: its sessions within a second, its certificate for good. It can sign in again
                             only with a new key, and with your passkey

A device is named by its id, the beginning of its id (8 characters or more), or its name where that is unique.`,
  options: { all: { type: 'boolean' } },
  positionals: { min: 0, max: 3 },
  run: async (context) => {
    const [verb = 'list', device, name, ...more] = context.positionals;
    if (verb === 'list' && device === undefined) return await list(context);
    if (context.values['all'] === true) throw new UsageError('--all belongs to "devices list".');
    if (verb === 'rename' && device !== undefined && name !== undefined && more.length === 0) {
      return await rename(context, device, name);
    }
    if (verb === 'revoke' && device !== undefined && name === undefined) return await revoke(context, device);
    throw new UsageError(
      'Use "devices list", "devices rename <device> <name>" or "devices revoke <device>".',
    );
  },
};

async function list(context: CommandContext): Promise<number> {
  const devices = await readDevices(context);
  const shown = devices.filter(({ revokedAt }) => context.values['all'] === true || revokedAt === null);
  const rows = shown.map((device) => [
    device.id.slice(0, 8),
    `${device.name}${device.isCurrent ? ' (this one)' : ''}`,
    device.os,
    deviceKeyFingerprint(device.wgKey),
    device.revokedAt === null ? (device.certificateExpiresAt ?? 'never') : 'revoked',
    device.lastUsedAt ?? '',
  ]);
  const header = ['ID', 'NAME', 'SYSTEM', 'KEY', 'SIGNED IN UNTIL', 'LAST USED'];
  print(context, { devices: shown }, rows.length === 0 ? 'You have no device.' : table(header, rows));
  return exitCodes.done;
}

async function rename(context: CommandContext, which: string, name: string): Promise<number> {
  const { id } = findDevice(await readDevices(context), which);
  const client = await context.engine.api();
  const device = await client.renameDevice({ params: { id }, body: { name } });
  print(context, { device }, 'Renamed.');
  return exitCodes.done;
}

async function revoke(context: CommandContext, which: string): Promise<number> {
  const { id, isCurrent } = findDevice(await readDevices(context), which);
  const client = await context.engine.api();
  await client.revokeDevice({ params: { id } });
  print(
    context,
    { revoked: id },
    isCurrent ? 'Revoked: this very device. Sign in again with "daam login".' : 'Revoked.',
  );
  return exitCodes.done;
}

/** The account knows which device this is, also where the control plane does not tell. */
async function readDevices({ engine }: CommandContext): Promise<readonly DeviceView[]> {
  const client = await engine.api();
  const { items } = await client.listDevices();
  const own = (await engine.status()).account?.device.id;
  return items.map((device) => ({ ...device, isCurrent: device.isCurrent || device.id === own }));
}

const minPrefix = 8;

/** The one that is meant. NOT_FOUND, or CONFLICT when the words fit several. */
export function findDevice(devices: readonly DeviceView[], which: string): DeviceView {
  const usable = devices.filter(({ revokedAt }) => revokedAt === null);
  const exact = usable.find(({ id }) => id === which);
  if (exact !== undefined) return exact;
  const isPrefix = which.length >= minPrefix;
  const fitting = usable.filter(({ id, name }) => name === which || (isPrefix && id.startsWith(which)));
  const [found] = fitting;
  if (found === undefined) {
    throw new AppError('NOT_FOUND', {
      message: 'You have no such device that is not revoked.',
      hint: '"daam devices" lists them.',
      field: 'device',
    });
  }
  if (fitting.length > 1) {
    throw new AppError('CONFLICT', {
      message: 'Several of your devices are called that.',
      hint: 'Name it by its id; "daam devices" shows it.',
      field: 'device',
    });
  }
  return found;
}
