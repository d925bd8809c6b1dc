import { maxDecisions } from '@daam/shared/api/max-decisions';
import type { RequestView } from '@daam/shared/api/routes/requests';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { termsLines, windowWords } from '../../requests/request-words.ts';
import { DecisionTouch } from '../../requests/decision-touch.tsx';
import { useDecision } from '../../requests/use-decision.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Section } from '../../ui/page.tsx';
import { Problem } from '../../ui/states.tsx';
import { TextArea } from '../../ui/text-field.tsx';
import { useOpened } from './opened-requests.ts';

/**
 * More requests of the same person for the same database: once each was opened, all are approved, or denied for one reason,
 * by one touch, which signs each of them.
 */
export function DecideTogether({
  request,
  waiting,
}: {
  readonly request: RequestView;
  readonly waiting: readonly RequestView[];
}): ReactNode {
  const opened = useOpened();
  const { decide, waiting: touch, cancel, failure, isBusy } = useDecision();
  const [note, setNote] = useState('');
  const alike = waiting
    .filter(
      ({ requester, database }) =>
        requester.id === request.requester.id && database.id === request.database.id,
    )
    .slice(0, maxDecisions);
  if (request.state !== 'pending' || !request.approval.mine || alike.length < 2) return null;
  const said = note.trim();
  const unread = alike.filter(({ id }) => !opened.has(id));
  return (
    <Section title="Also waiting from them for this database">
      <div className="flex flex-col items-start gap-2">
        <ul className="flex flex-col gap-1">
          {alike.map((one) => (
            <li key={one.id} className="flex flex-wrap items-center gap-x-2">
              <Chip tone={opened.has(one.id) ? 'ok' : 'warn'}>
                {opened.has(one.id) ? 'opened' : 'not opened'}
              </Chip>
              {one.id === request.id ? (
                <span>
                  {termsLines(one.asked)[0]} {windowWords(one.asked)} (this one)
                </span>
              ) : (
                <a
                  href={`#/admin/inbox/${encodeURIComponent(one.id)}`}
                  className="text-accent hover:underline"
                >
                  {termsLines(one.asked)[0]} {windowWords(one.asked)}
                </a>
              )}
            </li>
          ))}
        </ul>
        {touch === null ? null : <DecisionTouch waiting={touch} onCancel={cancel} />}
        {failure === null ? null : <Problem error={failure} />}
        <TextArea
          label="Reason for denying all"
          hint="Needed to deny; the requester reads it with each of them."
          className="w-full"
          rows={2}
          maxLength={2_000}
          value={note}
          onChange={({ target }) => setNote(target.value)}
        />
        <span className="flex flex-wrap gap-2">
          <Button
            unavailable={unread.length > 0 || isBusy}
            onClick={() => void decide(alike, { decision: 'approve' })}
          >
            Approve all {alike.length} as asked
          </Button>
          <Button
            look="danger"
            unavailable={unread.length > 0 || said === '' || isBusy}
            onClick={() => void decide(alike, { decision: 'deny', note: said })}
          >
            Deny all {alike.length}
          </Button>
        </span>
        {unread.length === 0 ? null : (
          <p className="text-12 text-text-2">Open each of them first: {unread.length} not opened yet.</p>
        )}
      </div>
    </Section>
  );
}
