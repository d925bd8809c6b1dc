import { silentLogger } from '@daam/shared/base/logger';
import { systemClock } from '@daam/shared/base/clock';
import { AuditLog } from '../audit-log.ts';
import { sampleStatement } from './sample-events.ts';

/**
 * A process to be killed: appends to the audit buffer named by its first argument until it dies, and prints
 * the number of each record once it is durable.
 */
const directory = process.argv[2] ?? '';
const log = new AuditLog({
  directory,
  stream: 'agent-1',
  clock: systemClock,
  logger: silentLogger,
  segmentBytes: 64 * 1024,
});
for (let turn = 0; ; turn++) {
  let seq = 0;
  for (let count = 0; count < 1 + (turn % 7); count++)
    seq = log.append(sampleStatement('x'.repeat(turn % 900)));
  await log.durable();
  process.stdout.write(`${seq}\n`);
}
