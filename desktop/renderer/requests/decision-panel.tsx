import { toAppError } from '@daam/shared/errors/app-error';
import type { AppError } from '@daam/shared/errors/app-error';
import type { RequestView } from '@daam/shared/api/routes/requests';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { useApi } from '../bridge/use-api.ts';
import { apiKey } from '../bridge/use-engine-data.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Button, buttonClass } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Section } from '../ui/page.tsx';
import { Select } from '../ui/select.tsx';
import { Problem } from '../ui/states.tsx';
import { TextArea } from '../ui/text-field.tsx';
import { duration } from '../ui/time.ts';

type Decision = 'approve' | 'deny';

/** A decision that waits for the touch of a passkey on the control plane's own page. */
interface Waiting {
  readonly decision: Decision;
  readonly url: string;
  readonly expiresAt: string;
}

/** Milliseconds between two looks at whether the touch has come. */
const lookAgain = 2_000;
const narrower = [15, 60, 240, 480, 1_440];

/** For whoever may decide: approve as asked or for a shorter time, or deny with a note. */
export function DecisionPanel({ request }: { readonly request: RequestView }): ReactNode {
  const api = useApi();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [note, setNote] = useState('');
  const [minutes, setMinutes] = useState(request.granted.minutes);
  const [failure, setFailure] = useState<AppError | null>(null);
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  useLookAgain(waiting, setWaiting);

  async function decide(decision: Decision): Promise<void> {
    setFailure(null);
    const said = note.trim();
    const params = { id: request.id };
    const approval = {
      ...(said === '' ? {} : { note: said }),
      ...(minutes === request.granted.minutes ? {} : { minutes }),
    };
    try {
      if (decision === 'approve') await api.approveRequest({ params, body: approval });
      else await api.denyRequest({ params, body: { note: said } });
      announce(decision === 'approve' ? 'Approved.' : 'Denied.');
      await queries.invalidateQueries({ queryKey: [apiKey] });
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code !== 'TOUCH_REQUIRED') return setFailure(error);
      await prepareTouch(decision, decision === 'approve' ? approval : { note: said });
    }
  }

  async function prepareTouch(decision: Decision, body: { readonly note?: string }): Promise<void> {
    try {
      const prepared = await api.beginDecision({
        params: { id: request.id },
        body: decision === 'approve' ? { decision, ...body } : { decision, note: body.note ?? '' },
      });
      setWaiting({ decision, ...prepared });
    } catch (thrown) {
      setFailure(toAppError(thrown));
    }
  }

  return (
    <Section title="Your decision">
      <div className="flex flex-col gap-3">
        {waiting === null ? null : (
          <Notice
            severity="information"
            title={`Touch your passkey to ${waiting.decision === 'approve' ? 'approve' : 'deny'}`}
            actions={
              <>
                <a
                  href={waiting.url}
                  target="_blank"
                  rel="noopener noreferrer"
                  className={buttonClass('primary')}
                >
                  Continue in the browser
                </a>
                <Button onClick={() => setWaiting(null)}>Cancel</Button>
              </>
            }
          >
            The page shows what you are about to sign. This screen goes on by itself.
          </Notice>
        )}
        <Select
          label="Give it for"
          className="w-48"
          value={String(minutes)}
          options={[
            ...new Set([
              ...narrower.filter((each) => each < request.granted.minutes),
              request.granted.minutes,
            ]),
          ].map((each) => ({
            value: String(each),
            label: duration(each * 60_000),
            ...(each === request.granted.minutes ? { detail: 'as asked' } : {}),
          }))}
          onChange={(value) => setMinutes(Number(value))}
        />
        <TextArea
          label="Note"
          hint="Needed to deny; the requester reads it."
          maxLength={2_000}
          value={note}
          onChange={({ target }) => setNote(target.value)}
        />
        {failure === null ? null : <Problem error={failure} />}
        <div className="flex gap-2">
          <Button look="primary" onClick={() => void decide('approve')}>
            Approve
          </Button>
          <Button look="danger" unavailable={note.trim() === ''} onClick={() => void decide('deny')}>
            Deny
          </Button>
        </div>
      </div>
    </Section>
  );
}

function useLookAgain(waiting: Waiting | null, setWaiting: (waiting: Waiting | null) => void): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (waiting === null) return undefined;
    const timer = setInterval(() => {
      if (Date.now() > Date.parse(waiting.expiresAt)) setWaiting(null);
      void queries.invalidateQueries({ queryKey: [apiKey] });
    }, lookAgain);
    return () => clearInterval(timer);
  }, [queries, waiting, setWaiting]);
}
