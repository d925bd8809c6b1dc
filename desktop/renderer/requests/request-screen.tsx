import { toAppError } from '@daam/shared/errors/app-error';
import type { AppError } from '@daam/shared/errors/app-error';
import type { RequestView } from '@daam/shared/api/routes/requests';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useApi } from '../bridge/use-api.ts';
import { apiKey, useStatus } from '../bridge/use-engine-data.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { Chip } from '../ui/chip.tsx';
import { Facts, PageHeader, Section } from '../ui/page.tsx';
import { FetchedContent, Problem } from '../ui/states.tsx';
import { TextArea } from '../ui/text-field.tsx';
import { useNow } from '../ui/use-now.ts';
import { moment } from '../ui/time.ts';
import { DecisionPanel } from './decision-panel.tsx';
import { NewRequestScreen } from './request-sheet.tsx';
import { standing, stateWords, termsLines, windowWords } from './request-words.ts';

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
              <p className="break-words whitespace-pre-wrap">{request.reason}</p>
              {request.ticket === null ? null : <p className="text-text-2">Ticket {request.ticket}</p>}
            </Section>
            {request.approval.mine ? <DecisionPanel request={request} /> : null}
            <Actions request={request} />
            <Section title="How it came about">
              <Timeline request={request} />
            </Section>
            <Comments id={id} comments={request.comments} />
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

function Actions({ request }: { readonly request: RequestView }): ReactNode {
  const api = useApi();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const navigate = useNavigate();
  const userId = useStatus().data?.account?.userId ?? null;
  const [failure, setFailure] = useState<AppError | null>(null);
  const isOpen = ['pending', 'approved', 'active'].includes(request.state);
  const isMine = request.requester.id === userId;
  async function end(): Promise<void> {
    try {
      await api.revokeRequest({ params: { id: request.id }, body: {} });
      announce(request.state === 'pending' ? 'Withdrawn.' : 'Ended.');
      await queries.invalidateQueries({ queryKey: [apiKey] });
    } catch (thrown) {
      setFailure(toAppError(thrown));
    }
  }
  if (!isMine) return null;
  return (
    <div className="flex flex-wrap gap-2 px-4 py-1">
      {isOpen ? (
        <Button look="danger" onClick={() => void end()}>
          {request.state === 'pending' ? 'Withdraw' : 'End early'}
        </Button>
      ) : null}
      {request.state === 'active' ? (
        <Button
          look="primary"
          onClick={() => void navigate({ to: `/databases/${encodeURIComponent(request.database.name)}` })}
        >
          Open {request.database.name}
        </Button>
      ) : null}
      {request.state === 'denied' || request.state === 'expired' ? (
        <Button onClick={() => void navigate({ to: '/requests/new' })}>Ask again</Button>
      ) : null}
      {failure === null ? null : <Problem error={failure} />}
    </div>
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

interface Comment {
  readonly id: string;
  readonly by: { readonly email: string };
  readonly at: string;
  readonly text: string;
}

function Comments({
  id,
  comments,
}: {
  readonly id: string;
  readonly comments: readonly Comment[];
}): ReactNode {
  const api = useApi();
  const queries = useQueryClient();
  const now = useNow();
  const [text, setText] = useState('');
  const [failure, setFailure] = useState<AppError | null>(null);
  async function say(): Promise<void> {
    try {
      await api.commentOnRequest({ params: { id }, body: { text: text.trim() } });
      setText('');
      setFailure(null);
      await queries.invalidateQueries({ queryKey: [apiKey, 'request', id] });
    } catch (thrown) {
      setFailure(toAppError(thrown));
    }
  }
  return (
    <Section title="Comments">
      <ul className="flex flex-col gap-2">
        {comments.map((comment) => (
          <li key={comment.id}>
            <span className="text-12 text-text-2">
              {comment.by.email}, {moment(comment.at, now)}
            </span>
            <p className="break-words whitespace-pre-wrap">{comment.text}</p>
          </li>
        ))}
      </ul>
      <form
        className="mt-2 flex flex-col items-start gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') void say();
        }}
      >
        <TextArea
          label="Say something"
          className="w-full"
          maxLength={2_000}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        {failure === null ? null : <Problem error={failure} />}
        <Button type="submit" unavailable={text.trim() === ''}>
          Comment
        </Button>
      </form>
    </Section>
  );
}
