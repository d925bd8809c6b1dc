import { toAppError } from '@daam/shared/errors/app-error';
import type { AppError } from '@daam/shared/errors/app-error';
import type { RequestView } from '@daam/shared/api/routes/requests';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useApi } from '../bridge/use-api.ts';
import { apiKey } from '../bridge/use-engine-data.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Select } from '../ui/select.tsx';
import { Problem } from '../ui/states.tsx';
import { TextArea } from '../ui/text-field.tsx';
import { duration, moment } from '../ui/time.ts';
import { useNow } from '../ui/use-now.ts';

const lengths = [30, 60, 120, 240, 480];
const minReason = 10;

/** Asks for the same once more, from the end of the window on. */
export function ExtendDialog({
  request,
  onClose,
}: {
  readonly request: RequestView;
  readonly onClose: () => void;
}): ReactNode {
  const api = useApi();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const now = useNow();
  const [minutes, setMinutes] = useState(60);
  const [reason, setReason] = useState('');
  const [isTooShort, setTooShort] = useState(false);
  const [failure, setFailure] = useState<AppError | null>(null);
  const [isSending, setSending] = useState(false);

  async function send(): Promise<void> {
    const text = reason.trim();
    setTooShort(text.length < minReason);
    if (text.length < minReason || isSending) return;
    setSending(true);
    setFailure(null);
    try {
      const more = await api.extendRequest({ params: { id: request.id }, body: { minutes, reason: text } });
      announce(more.state === 'pending' ? 'Requested more time.' : 'Extended.');
      await queries.invalidateQueries({ queryKey: [apiKey] });
      onClose();
    } catch (thrown) {
      setFailure(toAppError(thrown));
    } finally {
      setSending(false);
    }
  }

  return (
    <Dialog
      title={`Extend access to ${request.database.name}`}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" unavailable={isSending} onClick={() => void send()}>
            {isSending ? 'Sending…' : 'Ask for more time'}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <p className="text-text-2">
          The same access, from {request.window === null ? 'its end' : moment(request.window.endsAt, now)} on.
          It is approved like a new request.
        </p>
        <Select
          label="For how much longer"
          className="w-40"
          value={String(minutes)}
          options={lengths.map((each) => ({ value: String(each), label: duration(each * 60_000) }))}
          onChange={(value) => setMinutes(Number(value))}
        />
        <TextArea
          label="Why more time"
          hint="Approvers read it before they decide."
          maxLength={2_000}
          value={reason}
          error={isTooShort ? `Say why in at least ${minReason} characters.` : null}
          onChange={({ target }) => setReason(target.value)}
        />
        {failure === null ? null : <Problem error={failure} />}
      </div>
    </Dialog>
  );
}
