import { AppError } from '@daam/shared/errors/app-error';
import type { Handlers } from '../http/call.ts';

type Names =
  | 'makeAuthChallenge'
  | 'exchangeToken'
  | 'startDeviceCode'
  | 'signOut'
  | 'listPasskeys'
  | 'listOrganizationPasskeys'
  | 'revokePasskey'
  | 'inviteUser'
  | 'listOrganizationDevices'
  | 'renameDevice'
  | 'listAgentPasskeys';

const refuse = async (): Promise<never> => {
  throw new AppError('UNSUPPORTED');
};

/** Routes of the contract that have no use case yet. */
export const pendingHandlers: Handlers<Names> = {
  makeAuthChallenge: refuse,
  exchangeToken: refuse,
  startDeviceCode: refuse,
  signOut: refuse,
  listPasskeys: refuse,
  listOrganizationPasskeys: refuse,
  revokePasskey: refuse,
  inviteUser: refuse,
  listOrganizationDevices: refuse,
  renameDevice: refuse,
  listAgentPasskeys: refuse,
};
