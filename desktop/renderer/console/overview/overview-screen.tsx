/** What needs attention, above four numbers of the last day (ux A1). */
import type { ApiClient } from '@daam/shared/api/client';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useApi } from '../../bridge/use-api.ts';
import { Chip, type Tone } from '../../ui/chip.tsx';
import { PageHeader, Section } from '../../ui/page.tsx';
import { FetchedContent } from '../../ui/states.tsx';
import { span } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { conditionWords, troubleWords } from '../databases/agent-words.ts';
import { useRead } from '../use-console.ts';
import { hourBars, hours } from './hour-bars.ts';

const everyMs = 15_000;
/** The newest so many of a day are counted. */
const maxCounted = 500;

export function OverviewScreen(): ReactNode {
  return (
    <>
      <PageHeader title="Overview" />
      <Attention />
      <LastDay />
    </>
  );
}

interface Concern {
  readonly id: string;
  readonly tone: Tone;
  readonly kind: string;
  readonly text: string;
  readonly href: string;
}

async function readConcerns(api: ApiClient) {
  const [requests, reviews, agents, databases] = await Promise.all([
    api.listRequests({ query: { scope: 'all', state: 'pending', limit: 200 } }),
    api.listRequests({ query: { scope: 'all', review: 'due', limit: 200 } }),
    api.listAgents(),
    api.listDatabases(),
  ]);
  const drifts = await Promise.all(
    databases.items
      .filter(({ schema }) => schema !== null)
      .slice(0, 50)
      .map(async ({ id }) => await api.getDrift({ params: { database: id } })),
  );
  return { requests, reviews, agents, drifts };
}

function Attention(): ReactNode {
  const now = useNow();
  const query = useRead(['overview'], readConcerns, { every: everyMs });
  const api = useApi();
  // It reads every record from the first: once for a visit, and on the Audit screen when somebody asks.
  const audit = useQuery({ queryKey: ['console-verified'], queryFn: async () => await api.verifyAudit() });
  return (
    <Section title="Needs attention">
      <FetchedContent query={query} what="what needs attention">
        {(found) => {
          const concerns = [...chainConcerns(audit.data?.chains ?? []), ...concernsOf(found, now)];
          return concerns.length === 0 ? (
            <p className="text-text-2">
              Nothing. Requests, agents, policies and the audit are as they should be.
            </p>
          ) : (
            <ul className="flex flex-col">
              {concerns.map(({ id, tone, kind, text, href }) => (
                <li
                  key={id}
                  className="flex min-h-9 flex-wrap items-center gap-2 border-b border-border py-1"
                >
                  <Chip tone={tone}>{kind}</Chip>
                  <a href={href} className="min-w-0 break-words text-accent hover:underline">
                    {text}
                  </a>
                </li>
              ))}
            </ul>
          );
        }}
      </FetchedContent>
    </Section>
  );
}

type Chain = Awaited<ReturnType<ApiClient['verifyAudit']>>['chains'][number];

function chainConcerns(chains: readonly Chain[]): Concern[] {
  return chains
    .filter(({ ok }) => !ok)
    .map(({ chain, brokenAt, fault }) => ({
      id: `chain-${chain}`,
      tone: 'bad',
      kind: 'audit',
      text: `The chain of ${chain} does not verify from record ${brokenAt ?? ''}: ${fault ?? ''}`,
      href: '#/admin/audit',
    }));
}

function concernsOf(
  { requests, reviews, agents, drifts }: Awaited<ReturnType<typeof readConcerns>>,
  now: number,
): Concern[] {
  return [
    ...agents.items
      .filter(({ condition }) => !['online', 'revoked', 'never-connected'].includes(condition))
      .map(({ id, condition, database, health }) => ({
        id,
        tone: conditionWords[condition][1],
        kind: `agent ${conditionWords[condition][0]}`,
        text: `${database.name}: ${(health?.troubles ?? []).map((trouble) => troubleWords[trouble]).join(' ') || 'look at its health'}`,
        href: `#/admin/databases/${encodeURIComponent(database.name)}`,
      })),
    ...agents.items
      .filter(({ doctor, condition }) => (doctor?.critical ?? 0) > 0 && condition !== 'revoked')
      .map(({ id, database, doctor }) => ({
        id: `doctor-${id}`,
        tone: 'bad' as const,
        kind: 'doctor',
        text: `${database.name}: ${doctor?.critical === 1 ? '1 critical finding' : `${doctor?.critical ?? 0} critical findings`}`,
        href: `#/admin/databases/${encodeURIComponent(database.name)}`,
      })),
    ...requests.items.map(({ id, requester, database, createdAt }) => ({
      id,
      tone: 'warn' as const,
      kind: 'request',
      text: `${requester.email} has waited for ${database.name} for ${span(Date.parse(createdAt), now)}`,
      href: `#/admin/inbox/${id}`,
    })),
    ...reviews.items.map(({ id, requester, database }) => ({
      id: `review-${id}`,
      tone: 'bad' as const,
      kind: 'emergency',
      text: `${requester.email} opened ${database.name} in an emergency: review it`,
      href: `#/admin/inbox/${id}?list=review`,
    })),
    ...drifts.flatMap(({ database, items }) => {
      const serious = items.filter(({ severity }) => severity !== 'info');
      return serious.length === 0
        ? []
        : [
            {
              id: `drift-${database.id}`,
              tone: 'warn' as const,
              kind: 'policies',
              text: `${database.name}: ${serious.length === 1 ? '' : `${serious.length} places where policies and database do not fit, such as: `}${serious[0]?.message ?? ''}`,
              href: `#/admin/databases/${encodeURIComponent(database.name)}`,
            },
          ];
    }),
  ];
}

function LastDay(): ReactNode {
  const now = useNow(60_000);
  // To the hour, so that the question stays the same while the screen is open.
  const from = new Date(Math.floor(now / 3_600_000) * 3_600_000 - hours * 3_600_000).toISOString();
  const query = useRead(
    ['overview-day', from],
    async (api) => {
      const [statements, refused, agents] = await Promise.all([
        api.listStatements({ query: { from, kind: 'statement', limit: maxCounted } }),
        api.listStatements({ query: { from, kind: 'statement', decision: 'deny', limit: maxCounted } }),
        api.listAgents(),
      ]);
      return { statements, refused, agents };
    },
    { every: everyMs },
  );
  return (
    <Section title="The last 24 hours">
      <FetchedContent query={query} what="the numbers">
        {({ statements, refused, agents }) => {
          const masked = statements.items.filter(({ event }) => readsMasked(event));
          const sessions = agents.items.reduce((sum, { health }) => sum + (health?.sessions ?? 0), 0);
          const count = (items: readonly unknown[]): string =>
            items.length === maxCounted ? `${maxCounted} or more` : String(items.length);
          return (
            <ul className="grid gap-3 sm:grid-cols-2 wide:grid-cols-4">
              <Figure label="Open sessions" value={String(sessions)} bars={null} href="#/admin/sessions" />
              <Figure
                label="Statements"
                value={count(statements.items)}
                bars={hourBars(timesOf(statements.items), now)}
                href="#/admin/audit"
              />
              <Figure
                label="Statements on masked columns"
                value={count(masked)}
                bars={hourBars(timesOf(masked), now)}
                href="#/admin/audit"
              />
              <Figure
                label="Refused"
                value={count(refused.items)}
                bars={hourBars(timesOf(refused.items), now)}
                href="#/admin/audit?decision=deny"
              />
            </ul>
          );
        }}
      </FetchedContent>
    </Section>
  );
}

/** Whether a statement read something that was shown masked. */
export function readsMasked(event: Readonly<Record<string, unknown>>): boolean {
  const tables = event['tables'];
  return (
    Array.isArray(tables) && tables.some((table) => (Object(table) as { masked?: unknown }).masked === true)
  );
}

function timesOf(items: readonly { readonly at: string }[]): string[] {
  return items.map(({ at }) => at);
}

function Figure({
  label,
  value,
  bars,
  href,
}: {
  readonly label: string;
  readonly value: string;
  readonly bars: readonly number[] | null;
  readonly href: string;
}): ReactNode {
  return (
    <li className="rounded-panel border border-border p-3">
      <a href={href} className="block hover:underline">
        <span className="block text-text-2">{label}</span>
        <span className="block text-24 font-bold tabular-nums">{value}</span>
      </a>
      {bars === null ? null : <Bars label={label} bars={bars} />}
    </li>
  );
}

function Bars({ label, bars }: { readonly label: string; readonly bars: readonly number[] }): ReactNode {
  const most = Math.max(1, ...bars);
  return (
    <svg
      viewBox={`0 0 ${hours * 5} 24`}
      // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- a drawing that is made here is no file
      role="img"
      aria-label={`${label}, hour by hour: ${bars.join(', ')}`}
      className="mt-2 h-6 w-full text-accent"
      preserveAspectRatio="none"
    >
      {bars.map((count, hour) => (
        <rect
          // eslint-disable-next-line react/no-array-index-key -- an hour is its place
          key={hour}
          x={hour * 5}
          y={24 - Math.max(1, (count / most) * 24)}
          width="4"
          height={Math.max(1, (count / most) * 24)}
          fill="currentColor"
          opacity={count === 0 ? 0.25 : 1}
        />
      ))}
    </svg>
  );
}
