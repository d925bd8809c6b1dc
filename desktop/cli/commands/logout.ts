import { type Command, exitCodes, print } from '../command.ts';

/** `daam logout` */
export const logoutCommand: Command = {
  name: 'logout',
  summary: 'Forget the account, its token and the key of this device.',
  usage: 'logout',
  details:
    'The device stays registered until you or an administrator revoke it.\nWhere local ports ask for a password, it is another one then.',
  positionals: { min: 0, max: 0 },
  run: async (context) => {
    await context.engine.logout();
    print(context, { signedOut: true }, 'Signed out.');
    return exitCodes.done;
  },
};
