import { splitReason } from '@daam/shared/api/request-reason';
import type { RequestContext, RequestView } from '@daam/shared/api/routes/requests';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { ReactNode, RefObject } from 'react';
import { useStatus } from '../../bridge/use-engine-data.ts';
import { ApprovalProgress } from '../../requests/approval-progress.tsx';
import { type DecisionKeys, DecisionPanel } from '../../requests/decision-panel.tsx';
import { RequestComments } from '../../requests/request-comments.tsx';
import { standing, stateWords, termsLines, windowWords } from '../../requests/request-words.ts';
import { RightsDifference } from '../../requests/rights-difference.tsx';
import { StatementView } from '../../requests/statement-view.tsx';
import { useRequestContext } from '../../requests/use-request-context.ts';
import { useKeyboard } from '../../shell/shortcuts/use-shortcuts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Facts, Section } from '../../ui/page.tsx';
import { FetchedContent } from '../../ui/states.tsx';
import { TextArea } from '../../ui/text-field.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useRead } from '../use-console.ts';
import { DecideTogether } from './decide-together.tsx';
import { isField } from './is-field.ts';
import { Routing } from './routing.tsx';

export interface RequestReviewProps {
  readonly id: string;
  /** The others that wait, for those of the same person and database. */
  readonly waiting: readonly RequestView[];
}

/** Everything that a decision needs: who, what in words, what they can already do, why, what was asked before. */
export function RequestReview({ id, waiting }: RequestReviewProps): ReactNode {
  const request = useRead(['request', id], async (api) => await api.getRequest({ params: { id } }), {
    every: 5_000,
  });
  const context = useRequestContext(id, request.data?.state ?? '');
  const keys = {
    approve: useRef<HTMLButtonElement>(null),
    deny: useRef<HTMLButtonElement>(null),
    note: useRef<HTMLTextAreaElement>(null),
  };
  const comment = useRef<HTMLTextAreaElement>(null);
  useReviewKeys(keys, comment);
  return (
    <div className="min-w-0 wide:overflow-y-auto">
      <FetchedContent query={request} what="the request">
        {(found) => (
          <article aria-label={`Request of ${found.requester.email}`}>
            <header className="flex flex-wrap items-center gap-2 px-4 pt-3">
              <h2 className="text-16 font-bold break-all">
                {found.requester.email} asks for {found.database.name}
              </h2>
              <Chip tone={stateWords[found.state][1]}>{stateWords[found.state][0]}</Chip>
              {found.emergency ? <Chip tone="bad">emergency</Chip> : null}
              {found.extends === null ? null : <Chip>more time</Chip>}
            </header>
            <What request={found} context={context} />
            <Who request={found} context={context} />
            <RightsDifference request={found} context={context} />
            <StatementView context={context} />
            <Decide request={found} keys={keys} />
            <DecideTogether request={found} waiting={waiting} />
            <Before request={found} context={context} />
            <RequestComments id={id} comments={found.comments} field={comment} />
          </article>
        )}
      </FetchedContent>
    </div>
  );
}

/** a approves, x denies (or goes to the note that this needs), c goes to the comment; outside of fields. */
function useReviewKeys(keys: DecisionKeys, comment: RefObject<HTMLTextAreaElement | null>): void {
  const { singleKeys } = useKeyboard();
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.defaultPrevented;
    if (!singleKeys || !isPlain || isField(event.target)) return;
    const { approve, deny, note } = keys;
    if (event.key === 'a' && approve.current !== null) approve.current.click();
    else if (event.key === 'x' && deny.current?.ariaDisabled === 'true') note.current?.focus();
    else if (event.key === 'x' && deny.current !== null) deny.current.click();
    else if (event.key === 'c' && comment.current !== null) comment.current.focus();
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => onKey(event);
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}

function What({
  request,
  context,
}: {
  readonly request: RequestView;
  readonly context: RequestContext | undefined;
}): ReactNode {
  const now = useNow();
  const { ticket } = request;
  const { reason } = splitReason(request.reason);
  return (
    <Section title="What">
      <Facts
        facts={[
          [
            'Asked',
            <span key="asked" className="whitespace-pre-line">
              {[...termsLines(request.asked), windowWords(request.asked)].join('\n')}
            </span>,
          ],
          [
            'Why',
            <span key="why" className="break-words whitespace-pre-wrap">
              {reason}
            </span>,
          ],
          ...(ticket === null ? [] : [['Ticket', ticket] as const]),
          ['Now', standing(request, now)],
          ['Approvals', <ApprovalProgress key="approvals" request={request} />],
          ...(context?.routing
            ? [['Why here', <Routing key="routing" routing={context.routing} />] as const]
            : []),
        ]}
      />
    </Section>
  );
}

function Who({
  request: { requester },
  context,
}: {
  readonly request: RequestView;
  readonly context: RequestContext | undefined;
}): ReactNode {
  const now = useNow();
  const { groups, devices, lastSignInAt } = context?.requester ?? {
    groups: [],
    devices: [],
    lastSignInAt: null,
  };
  return (
    <Section title="Who">
      <Facts
        facts={[
          ['Person', requester.email],
          ...(context === undefined
            ? []
            : ([
                ['Groups', groups.join(', ') || 'none'],
                ['Devices', devices.join(', ') || 'none'],
                ['Last sign-in', lastSignInAt === null ? 'not yet' : moment(lastSignInAt, now)],
              ] as const)),
        ]}
      />
    </Section>
  );
}

function Decide({
  request,
  keys,
}: {
  readonly request: RequestView;
  readonly keys: DecisionKeys;
}): ReactNode {
  const me = useStatus().data?.account?.userId ?? null;
  const now = useNow();
  const isOwn = request.requester.id === me;
  if (request.state === 'pending' && request.approval.mine)
    return <DecisionPanel key={request.id} request={request} keys={keys} />;
  if (request.state === 'pending') {
    const mine = request.approval.given.find(({ by }) => by.id === me);
    return (
      <div className="px-4 py-3">
        <Notice
          severity="information"
          title={
            isOwn
              ? 'You cannot approve your own request'
              : mine === undefined
                ? 'Others decide on this request'
                : `You approved it ${moment(mine.at, now)}`
          }
        >
          {request.approval.required > 1
            ? `${request.approval.given.length} of ${request.approval.required} approvals are given.`
            : undefined}
        </Notice>
      </div>
    );
  }
  const last = request.approval.given.at(-1);
  return (
    <>
      {last === undefined || request.ended !== null ? null : (
        <div className="px-4 py-3">
          <Notice severity="information" title={`${last.by.email} approved it ${moment(last.at, now)}`} />
        </div>
      )}
      {request.ended === null ? null : (
        <div className="px-4 py-3">
          <Notice
            severity="information"
            title={`${request.ended.by?.email ?? 'The control plane'} ${request.state === 'denied' ? 'denied' : 'ended'} it ${moment(request.ended.at, now)}`}
          >
            {request.ended.note ?? undefined}
          </Notice>
        </div>
      )}
      {request.state === 'active' || request.state === 'approved' ? <EndEarly request={request} /> : null}
      {request.review !== null && request.review.outcome === null && !isOwn ? (
        <Review request={request} />
      ) : null}
    </>
  );
}

function EndEarly({ request }: { readonly request: RequestView }): ReactNode {
  const { run, failure, isBusy } = useAction();
  return (
    <div className="flex flex-col items-start gap-2 px-4 py-3">
      <Button
        look="danger"
        unavailable={isBusy}
        onClick={() =>
          void run(
            async (api) => await api.revokeRequest({ params: { id: request.id }, body: {} }),
            'Access ended.',
          )
        }
      >
        End this access now
      </Button>
      <ActionProblem failure={failure} />
    </div>
  );
}

function Review({ request }: { readonly request: RequestView }): ReactNode {
  const { run, failure, isBusy } = useAction();
  const [note, setNote] = useState('');
  const isReady = note.trim() !== '' && !isBusy;
  const say = (outcome: 'justified' | 'unjustified'): void =>
    void run(
      async (api) =>
        await api.reviewRequest({ params: { id: request.id }, body: { outcome, note: note.trim() } }),
      'Reviewed.',
    );
  return (
    <Section title="Review of the emergency">
      <div className="flex flex-col items-start gap-2">
        <TextArea
          label="What do you find?"
          className="w-full"
          maxLength={2_000}
          value={note}
          onChange={({ target }) => setNote(target.value)}
        />
        <ActionProblem failure={failure} />
        <span className="flex gap-2">
          <Button unavailable={!isReady} onClick={() => say('justified')}>
            Justified
          </Button>
          <Button look="danger" unavailable={!isReady} onClick={() => say('unjustified')}>
            Not justified
          </Button>
        </span>
      </div>
    </Section>
  );
}

/** What was asked for before on the same database, by them or for the same, and what became of it. */
function Before({
  request,
  context,
}: {
  readonly request: RequestView;
  readonly context: RequestContext | undefined;
}): ReactNode {
  const now = useNow();
  if (context === undefined) return null;
  return (
    <Section title="Similar requests">
      {context.similar.length === 0 ? (
        <p className="text-text-2">Neither they nor others have asked for this before.</p>
      ) : null}
      <ul className="flex flex-col gap-1">
        {context.similar.map((one) => (
          <li key={one.id} className="flex flex-wrap items-center gap-x-2">
            <Chip tone={stateWords[one.state][1]}>{stateWords[one.state][0]}</Chip>
            <a
              href={`#/admin/inbox/${encodeURIComponent(one.id)}?list=all`}
              className="min-w-0 break-words text-accent hover:underline"
            >
              {termsLines(one.asked)[0]} {windowWords(one.asked)}
            </a>
            <span className="text-12 text-text-2">
              {one.requester.id === request.requester.id ? 'by them' : `by ${one.requester.email}`},{' '}
              {moment(one.createdAt, now)}
            </span>
            {one.ended?.note ? <span className="text-12 text-text-2">“{one.ended.note}”</span> : null}
          </li>
        ))}
      </ul>
    </Section>
  );
}
