import { splitReason } from '@daam/shared/api/request-reason';
import type { RequestView } from '@daam/shared/api/routes/requests';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useApi } from '../bridge/use-api.ts';
import { apiKey } from '../bridge/use-engine-data.ts';
import { Chip } from '../ui/chip.tsx';
import { Facts, PageHeader, Section } from '../ui/page.tsx';
import { FetchedContent } from '../ui/states.tsx';
import { useNow } from '../ui/use-now.ts';
import { moment } from '../ui/time.ts';
import { ApprovalProgress } from './approval-progress.tsx';
import { DecisionPanel } from './decision-panel.tsx';
import { RequestActions } from './request-actions.tsx';
import { RequestComments } from './request-comments.tsx';
import { NewRequestScreen } from './request-sheet.tsx';
import { standing, stateWords, termsLines, windowWords } from './request-words.ts';
import { RightsDifference } from './rights-difference.tsx';
import { StatementView } from './statement-view.tsx';
import { useRequestContext } from './use-request-context.ts';

/** One request: what is asked and given, how it came about, and what can be done with it now. */
export function RequestScreen(): ReactNode {
  const { id } = useParams({ strict: false }) as { id: string };
  if (id !== 'new') return <Request id={id} />;
  return (
    <>
      <PageHeader title="Request access" />
      <NewRequestScreen />
    </>
  );
}

function Request({ id }: { readonly id: string }): ReactNode {
  const api = useApi();
  const query = useQuery({
    queryKey: [apiKey, 'request', id],
    queryFn: () => api.getRequest({ params: { id } }),
  });
  const context = useRequestContext(id, query.data?.state ?? '');
  return (
    <>
      <PageHeader title={query.data === undefined ? 'Request' : `Request for ${query.data.database.name}`}>
        {query.data === undefined ? null : (
          <>
            <Chip tone={stateWords[query.data.state][1]}>{stateWords[query.data.state][0]}</Chip>
            {query.data.emergency ? <Chip tone="bad">emergency</Chip> : null}
          </>
        )}
      </PageHeader>
      <FetchedContent query={query} what="the request">
        {(request) => (
          <div className="max-w-3xl">
            <Section title="What">
              <Terms request={request} />
            </Section>
            <Section title="Why">
              <p className="break-words whitespace-pre-wrap">
                {context === undefined ? request.reason : splitReason(request.reason).reason}
              </p>
              {request.ticket === null ? null : (
                <p className="break-words text-text-2">Ticket {request.ticket}</p>
              )}
            </Section>
            <StatementView context={context} />
            <RightsDifference request={request} context={context} />
            <Section title="Approvals">
              <ApprovalProgress request={request} />
            </Section>
            {request.approval.mine ? <DecisionPanel request={request} /> : null}
            <RequestActions request={request} />
            <Section title="How it came about">
              <Timeline request={request} />
            </Section>
            <RequestComments id={id} comments={request.comments} />
          </div>
        )}
      </FetchedContent>
    </>
  );
}

function Terms({ request }: { readonly request: RequestView }): ReactNode {
  const now = useNow();
  const asked = [...termsLines(request.asked), windowWords(request.asked)].join('\n');
  const granted = [...termsLines(request.granted), windowWords(request.granted)].join('\n');
  return (
    <Facts
      facts={[
        ['For', request.requester.email],
        [
          'Asked',
          <span key="asked" className="whitespace-pre-line">
            {asked}
          </span>,
        ],
        ...(asked === granted
          ? []
          : [
              [
                'Given',
                <span key="granted" className="font-medium whitespace-pre-line">
                  {granted}
                </span>,
              ] as const,
            ]),
        ['Now', standing(request, now)],
      ]}
    />
  );
}

function Timeline({ request }: { readonly request: RequestView }): ReactNode {
  const now = useNow();
  const steps = [
    { at: request.createdAt, text: `${request.requester.email} asked`, note: null },
    ...request.approval.given.map(({ by, at, note }) => ({ at, text: `${by.email} approved`, note })),
    ...(request.window === null
      ? []
      : [
          { at: request.window.startsAt, text: 'Access begins', note: null },
          { at: request.window.endsAt, text: 'Access ends', note: null },
        ]),
    ...(request.ended === null
      ? []
      : [
          {
            at: request.ended.at,
            text: `${request.ended.by?.email ?? 'The control plane'} ${request.state === 'denied' ? 'denied it' : 'ended it'}`,
            note: request.ended.note,
          },
        ]),
  ].toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  return (
    <ol className="flex flex-col gap-1">
      {steps.map(({ at, text, note }) => (
        <li key={`${at}${text}`} className="grid grid-cols-[9rem_minmax(0,1fr)] gap-x-3">
          <time dateTime={at} className="text-text-3">
            {moment(at, now)}
          </time>
          <span className={Date.parse(at) > now ? 'text-text-2' : ''}>
            {text}
            {note === null ? '' : `: ${note}`}
          </span>
        </li>
      ))}
    </ol>
  );
}
