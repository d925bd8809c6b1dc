import { type AuditRecord, type ChainHead, chainGenesis, sealRecord } from '@daam/shared/audit/chain';

/** An event as an agent would append it; only its kind matters to the chain. */
export type TestEvent = Readonly<Record<string, unknown>> & { readonly kind: string };

/** An agent's chain for tests: give it events, send what `records` has. */
export class TestChain {
  readonly stream: string;
  readonly records: AuditRecord[] = [];
  #head: ChainHead = chainGenesis;

  constructor(stream: string) {
    this.stream = stream;
  }

  /** Appends an event and answers its sequence number. */
  append(event: TestEvent, at: number): number {
    const sealed = sealRecord({ stream: this.stream, head: this.#head }, at, event);
    this.records.push(JSON.parse(sealed.text) as AuditRecord);
    this.#head = sealed.head;
    return sealed.head.seq;
  }
}

/** A statement that read a table, unless told otherwise. */
export function statementEvent(text: string, changes: Readonly<Record<string, unknown>> = {}): TestEvent {
  return {
    kind: 'statement',
    command: 'SELECT',
    decision: 'allow',
    degraded: false,
    epoch: 1,
    matches: [],
    protocol: 'simple',
    rewritten: false,
    rule: null,
    session: 's1',
    sqlstate: null,
    tables: [{ masked: true, name: 'customers', operation: 'select', schema: 'public' }],
    text,
    tier: 'base',
    truncated: false,
    user: '0b54a1cc-61f5-4ad0-9f6a-9f5f8a3fbc11',
    ...changes,
  };
}
