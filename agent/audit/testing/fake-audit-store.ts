import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type AuditRecord, auditRecordSchema, type ChainHead, chainGenesis } from '@daam/shared/audit/chain';
import { verifyChain } from '@daam/shared/audit/verify';

/**
 * The receiving end of audit delivery, in memory and on a real socket: takes records that continue the
 * chain, acknowledges those that it has, refuses all else, as the control plane does.
 */
export interface FakeAuditStore extends AsyncDisposable {
  readonly url: string;
  /** Everything that was stored, in the order it came. */
  readonly records: AuditRecord[];
  /** Sizes of the batches that came in, refused ones too. */
  readonly batches: number[];
  /** Most calls that were being answered at the same time. */
  readonly concurrency: () => number;
  /** What to do with the next calls: answer, refuse with 503, or store and lose the answer. */
  mode: 'answer' | 'unavailable' | 'lose-answer';
}

export async function startFakeAuditStore(stream: string): Promise<FakeAuditStore> {
  let head: ChainHead = chainGenesis;
  let open = 0;
  let concurrency = 0;
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    concurrency = Math.max(concurrency, ++open);
    response.once('close', () => void open--);
    const body = (await json(request)) as { records: unknown[] };
    const records = body.records.map((record) => auditRecordSchema.parse(record));
    store.batches.push(records.length);
    const answer = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (store.mode === 'unavailable') return answer(503, {});
    if (request.headers.authorization !== 'Bearer credential') return answer(401, error('UNAUTHENTICATED'));
    const fresh = records.filter(({ seq }) => seq > head.seq);
    const verdict = verifyChain(fresh, { stream, from: head });
    if (verdict.kind !== 'ok') return answer(409, error('AUDIT_CHAIN_BROKEN'));
    store.records.push(...fresh);
    head = verdict.head;
    if (store.mode === 'lose-answer') return void response.destroy();
    answer(200, { acknowledgedSeq: head.seq });
  };
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const store: FakeAuditStore = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    records: [],
    batches: [],
    concurrency: () => concurrency,
    mode: 'answer',
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return store;
}

function error(code: string): unknown {
  return { error: { code, message: 'refused', requestId: 'r1' } };
}
