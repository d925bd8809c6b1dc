import type { Command } from './command.ts';
import { auditCommand } from './commands/audit.ts';
import { completionCommand } from './commands/completion.ts';
import { connectCommand } from './commands/connect.ts';
import { databasesCommand } from './commands/databases.ts';
import { devicesCommand } from './commands/devices.ts';
import { explainCommand } from './commands/explain.ts';
import { loginCommand } from './commands/login.ts';
import { logoutCommand } from './commands/logout.ts';
import { passwordCommand } from './commands/password.ts';
import { policyCommand } from './commands/policy.ts';
import { psqlCommand } from './commands/psql.ts';
import { requestCommand } from './commands/request.ts';
import { runCommand } from './commands/run.ts';
import { serviceAccountsCommand } from './commands/service-accounts.ts';
import { statusCommand } from './commands/status.ts';
import { tlsCommand } from './commands/tls.ts';
import { vouchCommand } from './commands/vouch.ts';

/** Every command, in the order of the overview. */
export const commands: readonly Command[] = [
  loginCommand,
  logoutCommand,
  databasesCommand,
  connectCommand,
  psqlCommand,
  runCommand,
  statusCommand,
  devicesCommand,
  tlsCommand,
  passwordCommand,
  requestCommand,
  policyCommand,
  vouchCommand,
  explainCommand,
  auditCommand,
  serviceAccountsCommand,
  completionCommand(() => commands),
];
