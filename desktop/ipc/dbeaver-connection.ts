import { isSocket } from './connection-texts.ts';
import type { LocalAddress } from './schema.ts';

/**
 * The argument of DBeaver's `-con`: parts between bars, for which it has no escape. Null where a name holds what it would
 * read as more, and for a Unix socket. A password is left for DBeaver to ask.
 */
export function dbeaverConnection(address: LocalAddress): string | null {
  const { host, port, database, user } = address;
  if (isSocket(address) || [database, user].some((name) => /[|\p{Cc}]|\$\{/u.test(name))) return null;
  const parts = [
    'driver=postgresql',
    `host=${host}`,
    `port=${port}`,
    `database=${database}`,
    `user=${user}`,
    `name=${database}`,
    'save=true',
    'connect=true',
  ];
  return parts.join('|');
}
