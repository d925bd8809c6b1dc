/** What people ask the audit store, timed from the outside: the pages of the console, and searches. */
import type { ApiClient } from '@daam/shared/api/client';
import { quantile } from '../statistics.ts';
import { users } from './load-agent.ts';

/** A question and how long it took, in milliseconds. */
export interface Timed {
  readonly kind: 'page' | 'search' | 'readers';
  readonly name: string;
  readonly times: readonly number[];
}

type Ask = (round: number) => Promise<unknown>;

const march = { from: '2026-03-01T00:00:00.000Z', until: '2026-04-01T00:00:00.000Z' };

/** Asks every question so many times, in turn. */
export async function askEverything(admin: ApiClient, rounds: number): Promise<Timed[]> {
  const questions = questionsOf(admin);
  const times = new Map<string, number[]>(questions.map(([, name]) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [, name, ask] of questions) {
      const started = performance.now();
      await ask(round);
      times.get(name)?.push(performance.now() - started);
    }
  }
  return questions.map(([kind, name]) => ({ kind, name, times: times.get(name) ?? [] }));
}

function questionsOf(admin: ApiClient): (readonly [Timed['kind'], string, Ask])[] {
  const statements = async (query: Parameters<typeof admin.listStatements>[0] & object) =>
    await admin.listStatements(query);
  const userOf = (round: number): string => users[(round * 37) % users.length] ?? '';
  const tableOf = (round: number): string => `sales.table_${(round * 7) % 40}`;
  let cursor: string | undefined;
  return [
    ['page', 'newest statements', async () => await statements({})],
    [
      'page',
      'the pages after them',
      async () => {
        const page = await statements({ query: cursor === undefined ? {} : { after: cursor } });
        cursor = page.next ?? undefined;
      },
    ],
    ['page', 'of one person', async (round) => await statements({ query: { user: userOf(round) } })],
    ['page', 'refused', async () => await statements({ query: { decision: 'deny' } })],
    ['page', 'a month', async () => await statements({ query: march })],
    [
      'page',
      'of a table',
      async (round) => await statements({ query: { table: tableOf(round), operation: 'select' } }),
    ],
    ['page', 'newest connections', async () => await admin.listConnections()],
    ['page', 'newest activity', async () => await admin.listActivity()],
    ['search', 'a common word', async () => await statements({ query: { text: 'email' } })],
    [
      'search',
      'a rare number',
      async (round) => await statements({ query: { text: String(1000 + round * 7919) } }),
    ],
    [
      'search',
      'two words',
      async (round) => await statements({ query: { text: `table_${round % 40} r${round % 97}` } }),
    ],
    [
      'search',
      'a beginning',
      async (round) => await statements({ query: { text: `${1000 + round}* ticket` } }),
    ],
    [
      'search',
      'nothing there',
      async (round) => await statements({ query: { text: `nowhere${round} email` } }),
    ],
    [
      'search',
      'words of one person in March',
      async (round) => await statements({ query: { text: 'update ticket', user: userOf(round), ...march } }),
    ],
    [
      'readers',
      'who read a table in March',
      async (round) => await admin.listTableReaders({ params: { table: tableOf(round) }, query: march }),
    ],
  ];
}

/** A Markdown table of the questions, and the slowest p95 of each kind. */
export function timesText(timed: readonly Timed[]): string {
  const rows = timed.map(
    ({ kind, name, times }) => `| ${kind} | ${name} | ${ms(times, 0.5)} | ${ms(times, 0.95)} |`,
  );
  const header = ['| kind | question | p50 ms | p95 ms |', '| --- | --- | --- | --- |'];
  const all = (kind: Timed['kind']): number =>
    quantile(
      timed.filter((one) => one.kind === kind).flatMap(({ times }) => times),
      0.95,
    );
  const search = all('search');
  return [
    ...header,
    ...rows,
    '',
    `- p95 of all page queries: ${all('page').toFixed(1)} ms`,
    `- p95 of all searches, under 300 ms: ${search.toFixed(1)} ms ${search < 300 ? '(met)' : '(NOT met)'}`,
  ].join('\n');
}

function ms(times: readonly number[], share: number): string {
  return quantile(times, share).toFixed(1);
}
