import type { NotificationPreferences } from '@daam/shared/api/routes/notifications';
import { toAppError } from '@daam/shared/errors/app-error';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useApi } from '../bridge/use-api.ts';
import { apiKey } from '../bridge/use-engine-data.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Switch } from '../ui/checkbox.tsx';
import { Section } from '../ui/page.tsx';
import { TextField } from '../ui/text-field.tsx';

/** As the control plane checks it again (shared/api/routes/webhooks.ts), which is not loaded for this. */
const eventPattern = /^(?:\*|[a-z_]+\.\*|[a-z_]+\.[a-z_]+)$/;

const queryKey = [apiKey, 'mail-preferences'];

/** What the organization's control plane tells this person by mail. Not shown where that cannot be asked. */
export function MailSection({ mayHearEvents }: { readonly mayHearEvents: boolean }): ReactNode {
  const api = useApi();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [error, setError] = useState<string | null>(null);
  const { data } = useQuery({ queryKey, queryFn: () => api.getNotificationPreferences(), retry: false });
  if (data === undefined) return null;
  async function change(body: NotificationPreferences): Promise<void> {
    setError(null);
    try {
      queries.setQueryData(queryKey, await api.putNotificationPreferences({ body }));
      announce('Changed.');
    } catch (thrown) {
      announce(toAppError(thrown).message);
    }
  }
  const { requests, events } = data;
  return (
    <Section title="Mail">
      <p className="mb-2 text-text-2">
        News of your own account always comes: passkeys, devices, tokens. Reasons and notes are never in a
        mail.
      </p>
      <Switch
        label="What becomes of my requests"
        checked={requests.mine}
        onChange={(mine) => void change({ ...data, requests: { ...requests, mine } })}
      />
      <Switch
        label="What waits for my decision"
        checked={requests.inbox}
        onChange={(inbox) => void change({ ...data, requests: { ...requests, inbox } })}
      />
      {mayHearEvents ? (
        <TextField
          className="mt-2"
          label="Events of the organization"
          hint="Names as webhooks have them, with commas: request.*, agent.revoked. Empty: none."
          isData
          error={error}
          defaultValue={events.join(', ')}
          onBlur={({ target }) => {
            const names = target.value.split(',').map((name) => name.trim());
            const wanted = { ...data, events: names.filter((name) => name !== '') };
            if (wanted.events.join() === events.join()) return;
            if (wanted.events.every((name) => eventPattern.test(name))) void change(wanted);
            else setError('Write names as request.approved, request.* or *.');
          }}
        />
      ) : null}
    </Section>
  );
}
