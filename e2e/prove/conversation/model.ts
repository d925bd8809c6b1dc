/**
 * The protocol as a state machine (PostgreSQL docs, "Message Flow"): which answers may follow which messages. It judges
 * the agent's answers without a server to compare with.
 */

/** What was sent, in order. */
export type Sent =
  | 'query'
  | 'parse'
  | 'bind'
  | 'describe-statement'
  | 'describe-portal'
  | 'execute'
  | 'close'
  | 'sync'
  | 'flush'
  | 'copy-data'
  | 'copy-end';

/** Kinds that nothing answers by itself. */
const silent: ReadonlySet<Sent> = new Set(['flush', 'copy-data', 'copy-end']);

/** Answers that end the message at the head. */
const endings: Readonly<Record<Sent, readonly string[]>> = {
  query: ['readyForQuery'],
  parse: ['parseComplete'],
  bind: ['bindComplete'],
  'describe-statement': ['rowDescription', 'noData'],
  'describe-portal': ['rowDescription', 'noData'],
  execute: ['commandComplete', 'emptyQueryResponse', 'portalSuspended'],
  close: ['closeComplete'],
  sync: ['readyForQuery'],
  flush: [],
  'copy-data': [],
  'copy-end': [],
};

/** Answers within it. */
const within: Readonly<Record<Sent, readonly string[]>> = {
  query: [
    'rowDescription',
    'dataRow',
    'commandComplete',
    'emptyQueryResponse',
    'copyInResponse',
    'copyOutResponse',
    'copyData',
    'copyDone',
    'errorResponse',
  ],
  parse: ['errorResponse'],
  bind: ['errorResponse'],
  'describe-statement': ['parameterDescription', 'errorResponse'],
  'describe-portal': ['errorResponse'],
  execute: ['dataRow', 'copyInResponse', 'copyOutResponse', 'copyData', 'copyDone', 'errorResponse'],
  close: ['errorResponse'],
  sync: ['errorResponse'],
  flush: [],
  'copy-data': [],
  'copy-end': [],
};

/** Why the answers cannot be answers to what was sent; null when they can. `answers` are names of messages. */
export function violationOf(sent: readonly Sent[], answers: readonly string[]): string | null {
  const queue = [...sent];
  const dropSilent = (): void => {
    while (queue[0] !== undefined && silent.has(queue[0])) queue.shift();
  };
  for (const [at, answer] of answers.entries()) {
    dropSilent();
    const head = queue[0];
    if (head === undefined) return `answer ${at + 1}, ${answer}, answers nothing`;
    if (answer === 'copyInResponse') swallowCopy(queue);
    if (endings[head].includes(answer)) queue.shift();
    else if (!within[head].includes(answer)) return `answer ${at + 1}: ${answer} to ${head}`;
    else if (answer === 'errorResponse' && head !== 'query' && head !== 'sync') skipToSync(queue);
  }
  dropSilent();
  return queue.length === 0 ? null : `${queue.length} messages were not answered, first ${queue[0]}`;
}

/** Until the next Sync the server discards everything. */
function skipToSync(queue: Sent[]): void {
  while (queue.length > 0 && queue[0] !== 'sync') queue.shift();
}

/** COPY FROM STDIN reads its data; Flush and Sync in between are ignored, anything else fails it and is gone. */
function swallowCopy(queue: Sent[]): void {
  const [head] = queue;
  let at = 1;
  while (at < queue.length && ['copy-data', 'flush', 'sync'].includes(queue[at] ?? '')) at += 1;
  queue.splice(0, at + 1, head ?? 'query');
}
