/** An agent that does nothing but record statements and deliver them, as agents do: a batch at a time, until acknowledged. */
import { setTimeout as delay } from 'node:timers/promises';
import { agentRoutes } from '@daam/shared/api/routes/agents';
import { chainGenesis, sealRecord } from '@daam/shared/audit/chain';

export interface LoadAgentOptions {
  readonly agent: string;
  readonly credential: string;
  /** Where to deliver; the next one when one does not answer. */
  readonly urls: readonly string[];
  /** Statements to record; every fourth has its completion recorded too. */
  readonly statements: number;
  readonly seed: number;
}

/** What an agent delivered. */
export interface Delivered {
  readonly agent: string;
  readonly records: number;
  readonly head: string;
  /** Batches that were sent again, because the answer did not come. */
  readonly repeated: number;
}

const batchRecords = 1_000;

/** Users, tables and sessions that all agents share. */
export const users = Array.from(
  { length: 200 },
  (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
);
const tables = Array.from({ length: 40 }, (_, index) => `table_${index}`);
const begin = Date.UTC(2026, 2, 1);
const spanMs = 90 * 86_400_000;

/** Records and delivers; `onAcknowledged` hears of each batch. */
export async function runLoadAgent(
  options: LoadAgentOptions,
  onAcknowledged: (records: number) => void,
): Promise<Delivered> {
  const { agent, statements, seed } = options;
  const random = randomOf(seed);
  const deliver = deliverer(options);
  let head = chainGenesis;
  let repeated = 0;
  let texts: string[] = [];
  const flush = async (): Promise<void> => {
    if (texts.length === 0) return;
    repeated += await deliver(`{"records":[${texts.join(',')}]}`);
    onAcknowledged(texts.length);
    texts = [];
  };
  const append = (event: Record<string, unknown> & { readonly kind: string }, at: number): void => {
    const sealed = sealRecord({ stream: agent, head }, at, event);
    head = sealed.head;
    texts.push(sealed.text);
  };
  for (let index = 0; index < statements; index += 1) {
    const at = begin + Math.floor((index / statements) * spanMs);
    const event = statementOf(random, index);
    append(event, at);
    if (index % 4 === 0) append(completionOf(head.seq, event, random), at + 3);
    if (texts.length >= batchRecords) await flush();
  }
  await flush();
  return { agent, records: head.seq, head: head.hash, repeated };
}

function statementOf(random: () => number, index: number) {
  const table = tables[Math.floor(random() ** 2 * tables.length)] ?? 'table_0';
  const user = users[Math.floor(random() * users.length)] ?? '';
  const isDenied = random() < 0.01;
  const isWrite = random() < 0.2;
  const id = Math.floor(random() * 1e6);
  const text = isWrite
    ? `update sales.${table} set note = 'ticket ${id}', changed_at = now() where id = ${id}`
    : `select c.id, c.email, c.region from sales.${table} c where c.id = ${id} and region = 'r${id % 97}' order by created_at`;
  const operation = isDenied ? 'denied' : isWrite ? 'update' : 'select';
  return {
    command: isWrite ? 'UPDATE' : 'SELECT',
    decision: isDenied ? 'deny' : 'allow',
    degraded: false,
    epoch: 3,
    kind: 'statement',
    matches: [],
    protocol: 'extended',
    rewritten: !isWrite,
    rule: isDenied ? 'table.not_granted' : null,
    session: `session-${Math.floor(index / 200)}`,
    sqlstate: isDenied ? '42501' : null,
    tables: [{ masked: !isWrite, name: table, operation, schema: 'sales' }],
    text,
    tier: 'base',
    truncated: false,
    user,
  };
}

function completionOf(
  statement: number,
  { session, user }: { readonly session: string; readonly user: string },
  random: () => number,
) {
  const rows = Math.floor(random() * 50);
  const durationMs = Math.round(random() * 20_000) / 1000;
  return {
    durationMs,
    kind: 'statement.completed',
    rows,
    session,
    sqlstate: null,
    statement,
    tag: `SELECT ${rows}`,
    user,
  };
}

/** Sends a batch until it is acknowledged, to one replica after the other. Answers how often it had to be repeated. */
function deliverer({ urls, credential, seed }: LoadAgentOptions): (body: string) => Promise<number> {
  let at = seed % urls.length;
  return async (body) => {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const status = await post(`${urls[at] ?? ''}${agentRoutes.appendAudit.path}`, credential, body);
      if (status === agentRoutes.appendAudit.status) return attempt;
      if (status !== 0 && status < 500) throw new Error(`the control plane answered ${status} to a batch`);
      at = (at + 1) % urls.length;
      await delay(100);
    }
    throw new Error('no replica takes the records');
  };
}

async function post(url: string, credential: string, body: string): Promise<number> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(30_000),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

function randomOf(seed: number): () => number {
  let state = (seed + 1) * 48_271;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
