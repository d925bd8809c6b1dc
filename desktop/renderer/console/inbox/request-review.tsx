import type { RequestView } from '@daam/shared/api/routes/requests';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useStatus } from '../../bridge/use-engine-data.ts';
import { DecisionPanel } from '../../requests/decision-panel.tsx';
import { standing, stateWords, termsLines, windowWords } from '../../requests/request-words.ts';
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
import { RightsDifference } from './rights-difference.tsx';

/** Everything that a decision needs: who, what in words, what they can already do, why, what was asked before. */
export function RequestReview({ id }: { readonly id: string }): ReactNode {
  const request = useRead(['request', id], async (api) => await api.getRequest({ params: { id } }), {
    every: 5_000,
  });
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
            </header>
            <What request={found} />
            <Who request={found} />
            <RightsDifference request={found} />
            <Decide request={found} />
            <Before request={found} />
          </article>
        )}
      </FetchedContent>
    </div>
  );
}

function What({ request }: { readonly request: RequestView }): ReactNode {
  const now = useNow();
  const { approval, reason, ticket } = request;
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
          [
            'Approved by',
            approval.given.length === 0
              ? 'nobody yet'
              : approval.given
                  .map(
                    ({ by, at, note }) =>
                      `${by.email}, ${moment(at, now)}${note === null ? '' : `: ${note}`}`,
                  )
                  .join('; '),
          ],
        ]}
      />
    </Section>
  );
}

function Who({ request: { requester } }: { readonly request: RequestView }): ReactNode {
  const now = useNow();
  const groups = useRead(['groups'], async (api) => await api.listGroups());
  const devices = useRead(
    ['devices', requester.id],
    async (api) => await api.listOrganizationDevices({ query: { user: requester.id } }),
  );
  const inGroups = (groups.data?.items ?? []).filter(({ members }) =>
    members.some(({ id }) => id === requester.id),
  );
  const active = (devices.data?.items ?? []).filter(({ revokedAt }) => revokedAt === null);
  const lastSeen = active
    .flatMap(({ lastUsedAt }) => lastUsedAt ?? [])
    .sort()
    .at(-1);
  return (
    <Section title="Who">
      <Facts
        facts={[
          ['Person', requester.email],
          ['Groups', inGroups.map(({ name }) => name).join(', ') || 'none'],
          ['Devices', active.map(({ name }) => name).join(', ') || 'none'],
          ['Last seen', lastSeen === undefined ? 'not yet' : moment(lastSeen, now)],
        ]}
      />
    </Section>
  );
}

function Decide({ request }: { readonly request: RequestView }): ReactNode {
  const me = useStatus().data?.account?.userId ?? null;
  const now = useNow();
  const isOwn = request.requester.id === me;
  if (request.state === 'pending' && request.approval.mine) return <DecisionPanel request={request} />;
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
  return (
    <>
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

/** What the same person asked for before in the same database, and what became of it. */
function Before({ request }: { readonly request: RequestView }): ReactNode {
  const now = useNow();
  const all = useRead(
    ['requests', 'console', 'before'],
    async (api) => await api.listRequests({ query: { scope: 'all', limit: 200 } }),
  );
  const before = (all.data?.items ?? []).filter(
    ({ id, requester, database }) =>
      id !== request.id && requester.id === request.requester.id && database.id === request.database.id,
  );
  return (
    <Section title="Before">
      {before.length === 0 ? (
        <p className="text-text-2">They have not asked for this database before.</p>
      ) : null}
      <ul className="flex flex-col gap-1">
        {before.slice(0, 10).map((one) => (
          <li key={one.id} className="flex flex-wrap items-center gap-2">
            <Chip tone={stateWords[one.state][1]}>{stateWords[one.state][0]}</Chip>
            <a
              href={`#/admin/inbox/${encodeURIComponent(one.id)}?list=all`}
              className="text-accent hover:underline"
            >
              {termsLines(one.asked)[0]} {windowWords(one.asked)}
            </a>
            <span className="text-12 text-text-2">{moment(one.createdAt, now)}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
