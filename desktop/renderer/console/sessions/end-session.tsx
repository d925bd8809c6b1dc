import { maxEndReason } from '@daam/shared/api/end-session';
import type { ConnectionView } from '@daam/shared/api/routes/audit';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction } from '../use-console.ts';
import { sessionFacts } from './replay-model.ts';

const shortest = 3;

/** Ends one open session: the person is told the reason, the audit keeps it, and it takes a recent touch of the passkey. */
export function EndSession({
  session,
  label = 'End',
}: {
  readonly session: ConnectionView;
  readonly label?: string;
}): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const { email } = sessionFacts(session);
  return (
    <>
      <Button look="danger" aria-label={`End session of ${email}`} onClick={() => setOpen(true)}>
        {label}
      </Button>
      {isOpen ? <EndDialog session={session} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function EndDialog({
  session,
  onClose,
}: {
  readonly session: ConnectionView;
  readonly onClose: () => void;
}): ReactNode {
  const { run, failure, isBusy } = useAction();
  const [reason, setReason] = useState('');
  const [isAsked, setAsked] = useState(false);
  const { email, application } = sessionFacts(session);
  const isTooShort = reason.trim().length < shortest;
  async function end(): Promise<void> {
    setAsked(true);
    if (isTooShort) return;
    const done = await run(
      async (api) =>
        await api.endDatabaseSession({
          params: { session: session.session ?? '' },
          body: { reason: reason.trim() },
        }),
      'Session ended.',
    );
    if (done) onClose();
  }
  return (
    <Dialog
      title={`End the session of ${email}?`}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" unavailable={isBusy} onClick={() => void end()}>
            {isBusy ? 'Ending…' : 'End session'}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          void end();
        }}
      >
        <p className="text-text-2">
          {application === '' ? 'The program' : application} is disconnected at once; what it had not
          committed is undone. {email} may connect again.
        </p>
        <TextField
          label="Reason"
          hint="They read it, and the audit keeps it."
          maxLength={maxEndReason}
          value={reason}
          error={isAsked && isTooShort ? 'Say why, in a few words.' : null}
          onChange={({ target }) => setReason(target.value)}
        />
        <ActionProblem failure={failure} />
      </form>
    </Dialog>
  );
}
