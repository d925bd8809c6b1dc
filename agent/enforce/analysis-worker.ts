/**
 * The analysis thread: the gate of the agent, apart, for texts that take long. It has no connection, no file and no
 * environment; it gets a text and what is allowed, and answers with a verdict. It is ended from outside when it takes
 * too long (analysis-thread.ts).
 */
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import { explainText } from '@daam/shared/sql/explain/explain-text';
import { createGate, type GateInput } from '@daam/shared/sql/gate/decide';
import {
  type FromThread,
  markedHint,
  type ThreadJob,
  type ThreadStart,
  type ToThread,
} from './analysis-protocol.ts';
import { loadGateParts } from './gate-parts.ts';

const port = parentPort;
if (port === null) throw new TypeError('this file is the main of a thread');

const { major } = workerData as ThreadStart;
const parts = await loadGateParts(major);
const gate = createGate(parts);
const catalogs = new Map<number, Catalog>();
const accesses = new Map<number, { readonly catalog: Catalog; readonly access: ResolvedAccess }>();

function say(message: FromThread): void {
  port?.postMessage(message);
}

function take(message: ToThread): void {
  switch (message.kind) {
    case 'catalog':
      catalogs.set(message.id, message.catalog);
      return;
    case 'access': {
      const catalog = catalogs.get(message.catalog);
      if (catalog === undefined) throw new TypeError('an access came before its catalogue');
      accesses.set(message.id, { catalog, access: message.access });
      return;
    }
    case 'forget':
      for (const id of message.ids) {
        catalogs.delete(id);
        accesses.delete(id);
      }
      return;
    case 'decide':
      return say({ kind: 'decided', verdict: gate.decide(inputOf(message)), memory: memoryInUse() });
    case 'explain':
      return say({
        kind: 'explained',
        explanation: explainText({ gate, parser: parts.parser }, inputOf(message)),
        memory: memoryInUse(),
      });
    default:
      return message satisfies never;
  }
}

function inputOf({ access: id, sql, names }: ThreadJob): GateInput {
  const known = accesses.get(id);
  if (known === undefined) throw new TypeError('an access is not known');
  return { sql, names, ...known, hint: markedHint };
}

/** Bytes of this thread's heap, and of the grammar's memory, which grows and never shrinks. */
function memoryInUse(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

port.on('message', (message: ToThread) => {
  try {
    take(message);
  } catch (thrown) {
    say({ kind: 'failed', detail: thrown instanceof Error ? thrown.message : String(thrown) });
  }
});
say({ kind: 'ready' });
