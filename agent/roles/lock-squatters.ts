import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@daam/shared/base/logger';
import { toAppError } from '@daam/shared/errors/app-error';
import { quoteLiteral } from '@daam/shared/sql/quote';
import { type AdminConnection, sqlState } from './admin-connection.ts';
import { agentLockClass, leaseLockClass } from './lease.ts';

/** For how long to go on: the server frees what an ended session held in its own time, and others may be next. Milliseconds. */
const patienceMs = 2_000;

const squatters = `
  SELECT DISTINCT a.pid, a.usename::pg_catalog.text AS name
  FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
  WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.classid IN (${agentLockClass}, ${leaseLockClass})
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
    AND a.usename ~ '^daam_s_[0-9a-f]{8}_[0-9a-f]+$'`;

/**
 * Ends sessions of people that hold, or wait for, a lock by which agents know each other. Advisory locks are free to
 * everybody, and code of users can take any: one that held the lease would keep what dead agents left for ever, one
 * that held an agent's own lock would make it look alive. Never throws.
 */
export async function endLockSquatters({
  admin,
  logger,
}: {
  readonly admin: AdminConnection;
  readonly logger: Logger;
}): Promise<void> {
  const deadline = performance.now() + patienceMs;
  const ended = new Set<number>();
  try {
    // Until there is none, so that the agent takes the lock itself before somebody else does.
    while (performance.now() < deadline) {
      const [result] = await admin.run(squatters);
      const rows = result?.rows ?? [];
      if (rows.length === 0) return;
      for (const row of rows) {
        const pid = Number(row['pid']);
        if (!ended.has(pid)) await endOne({ admin, logger }, { pid, name: String(row['name']) });
        ended.add(pid);
      }
      await delay(20);
    }
  } catch (thrown) {
    logger.warn({ code: toAppError(thrown).code }, 'the locks of the agents could not be looked at');
  }
}

async function endOne(
  { admin, logger }: { readonly admin: AdminConnection; readonly logger: Logger },
  { pid, name }: { readonly pid: number; readonly name: string },
): Promise<void> {
  try {
    await admin.run(
      `SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity a
       WHERE a.pid = ${pid} AND a.usename OPERATOR(pg_catalog.=) ${quoteLiteral(name)}`,
    );
    logger.warn({ role: name }, 'a session that held a lock of the agents was ended');
  } catch (thrown) {
    // Of an agent that signs in as another role: it ends the session itself.
    const code = sqlState(thrown) ?? toAppError(thrown).code;
    logger.warn({ role: name, code }, 'a session that holds a lock of the agents could not be ended');
  }
}
