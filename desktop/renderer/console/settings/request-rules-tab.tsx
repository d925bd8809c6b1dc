/** How access requests are handled: who approves, how long windows may be, emergencies. */
import type { RequestSettings } from '@daam/shared/api/routes/requests';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Switch } from '../../ui/checkbox.tsx';
import { Section } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { FetchedContent } from '../../ui/states.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useRead } from '../use-console.ts';
import { RequestRules } from './request-rules.tsx';
import { WhoApprovesBox } from './who-approves-box.tsx';

export function RequestRulesTab(): ReactNode {
  const settings = useRead(['request-settings'], async (api) => await api.getRequestSettings());
  return (
    <FetchedContent query={settings} what="the rules of requests">
      {(found) => <Form key={JSON.stringify(found)} start={found} />}
    </FetchedContent>
  );
}

function Form({ start }: { readonly start: RequestSettings }): ReactNode {
  const { run, failure, isBusy } = useAction();
  const [settings, setSettings] = useState(start);
  const change = (changes: Partial<RequestSettings>): void => setSettings({ ...settings, ...changes });
  return (
    <form
      className="flex max-w-3xl flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        void run(async (api) => await api.putRequestSettings({ body: settings }), 'Saved.');
      }}
    >
      <Section title="Windows">
        <div className="flex flex-wrap gap-4">
          <Minutes
            label="Longest window, minutes"
            value={settings.maxMinutes}
            onChange={(maxMinutes) => change({ maxMinutes })}
          />
          <Minutes
            label="A request lapses after, minutes"
            value={settings.pendingMinutes}
            onChange={(pendingMinutes) => change({ pendingMinutes })}
          />
        </div>
      </Section>
      <Section title="Decisions">
        <Select<RequestSettings['decisions']>
          label="Approving and denying need"
          className="w-96"
          value={settings.decisions}
          options={[
            { value: 'touch', label: 'A touch of the passkey over that decision' },
            { value: 'fresh-sign-in', label: 'A touch, or a sign-in of the last minutes' },
          ]}
          onChange={(decisions) => change({ decisions })}
        />
      </Section>
      <Section title="Emergencies">
        <Switch
          label="People may open access on their own word"
          hint="It is reviewed afterwards, and everybody who approves is told."
          checked={settings.emergency.enabled}
          onChange={(enabled) => change({ emergency: { ...settings.emergency, enabled } })}
        />
        {settings.emergency.enabled ? (
          <>
            <Switch
              label="Everybody, not only members of chosen groups"
              checked={settings.emergency.anyone}
              onChange={(anyone) => change({ emergency: { ...settings.emergency, anyone } })}
            />
            <Minutes
              label="Longest emergency, minutes"
              value={settings.emergency.maxMinutes}
              onChange={(maxMinutes) => change({ emergency: { ...settings.emergency, maxMinutes } })}
            />
          </>
        ) : null}
      </Section>
      <RequestRules rules={settings.rules} onChange={(rules) => change({ rules: [...rules] })} />
      <div className="flex flex-col gap-2 px-4 py-3">
        <ActionProblem failure={failure} />
        <div>
          <Button type="submit" look="primary" unavailable={isBusy}>
            Save
          </Button>
        </div>
      </div>
      <WhoApprovesBox rules={settings.rules} />
    </form>
  );
}

function Minutes({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: number;
  readonly onChange: (minutes: number) => void;
}): ReactNode {
  return (
    <TextField
      label={label}
      type="number"
      min={1}
      max={43_200}
      className="w-56"
      value={String(value)}
      onChange={({ target }) =>
        onChange(Math.min(43_200, Math.max(1, Math.trunc(Number(target.value) || 1))))
      }
    />
  );
}
