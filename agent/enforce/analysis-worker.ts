/**
 * The analysis thread: the gate of the agent, apart, for texts that take long. It has no connection, no file and no
 * environment; it gets a text and what is allowed, and answers with a verdict. It is ended from outside when it takes
 * too long (analysis-thread.ts).
 */
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import type { RelationAccess, ResolvedAccess } from '@daam/shared/sql/access';
import { type Catalog, type CatalogRelation, relationKey } from '@daam/shared/sql/catalog';
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
/** What comes in portions. */
interface Filling<Whole, Item> {
  readonly whole: Whole;
  readonly add: (item: Item) => void;
}

const catalogs = new Map<number, Filling<Catalog, CatalogRelation>>();
const accesses = new Map<
  number,
  Filling<{ readonly catalog: Catalog; readonly access: ResolvedAccess }, RelationAccess>
>();

function say(message: FromThread): void {
  port?.postMessage(message);
}

function take(message: ToThread): void {
  switch (message.kind) {
    case 'catalog':
      catalogs.set(message.id, newCatalog(message.catalog));
      return;
    case 'relations':
      for (const relation of message.relations) catalogs.get(message.id)?.add(relation);
      return;
    case 'access': {
      const catalog = catalogs.get(message.catalog)?.whole;
      if (catalog === undefined) throw new TypeError('an access came before its catalogue');
      accesses.set(message.id, newAccess(catalog, message.access));
      return;
    }
    case 'granted':
      for (const relation of message.relations) accesses.get(message.id)?.add(relation);
      return;
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

function newCatalog(rest: Omit<Catalog, 'relations' | 'byName'>): Filling<Catalog, CatalogRelation> {
  const relations = new Map<number, CatalogRelation>();
  const byName = new Map<string, CatalogRelation>();
  return {
    whole: { ...rest, relations, byName },
    add: (relation) => {
      relations.set(relation.oid, relation);
      byName.set(relationKey(relation.schema, relation.name), relation);
    },
  };
}

function newAccess(
  catalog: Catalog,
  rest: Omit<ResolvedAccess, 'relations'>,
): Filling<{ readonly catalog: Catalog; readonly access: ResolvedAccess }, RelationAccess> {
  const relations = new Map<number, RelationAccess>();
  return {
    whole: { catalog, access: { ...rest, relations } },
    add: (relation) => void relations.set(relation.oid, relation),
  };
}

function inputOf({ access: id, sql, names }: ThreadJob): GateInput {
  const known = accesses.get(id)?.whole;
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
