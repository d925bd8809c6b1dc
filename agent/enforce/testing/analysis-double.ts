/** In the place of the analysis thread: does what its text says, also what the real one must never do. */
import { parentPort } from 'node:worker_threads';
import type { FromThread, ToThread } from '../analysis-protocol.ts';

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
const say = (message: FromThread): void => parentPort?.postMessage(message);

parentPort?.on('message', (message: ToThread) => {
  if (message.kind !== 'decide') return;
  const { sql } = message;
  if (sql.startsWith('hang')) for (;;);
  if (sql.startsWith('exit')) process.exit(3);
  if (sql.startsWith('throw')) throw new Error('thrown in the thread');
  if (sql.startsWith('fill'))
    for (const held: string[][] = []; ; ) held.push(Array(10_000).fill(String(held.length)));
  const denial = {
    sqlstate: '42501',
    message: sql,
    detail: null,
    hint: null,
    rule: 'double',
    table: null,
    position: null,
  };
  say({
    kind: 'decided',
    verdict: { kind: 'deny', denial, command: null },
    memory: sql.startsWith('large') ? 2 ** 40 : 0,
  });
});
say({ kind: 'ready' });
