/** How access requests are handled: who approves, how long windows may be, emergencies. */
import type { RequestSettings } from '@daam/shared/api/routes/requests';
import { X } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Switch } from '../../ui/checkbox.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Section } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { FetchedContent } from '../../ui/states.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useRead } from '../use-console.ts';

type Rule = RequestSettings['rules'][number];

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
            { value: 'touch', label: 'a touch of the passkey over that decision' },
            { value: 'fresh-sign-in', label: 'a touch, or a sign-in of the last minutes' },
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
      <Rules rules={settings.rules} onChange={(rules) => change({ rules: [...rules] })} />
      <div className="flex flex-col gap-2 px-4 py-3">
        <ActionProblem failure={failure} />
        <div>
          <Button type="submit" look="primary" unavailable={isBusy}>
            Save
          </Button>
        </div>
      </div>
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

/** The first rule that names the database, or no database, holds. */
function Rules({
  rules,
  onChange,
}: {
  readonly rules: readonly Rule[];
  readonly onChange: (rules: readonly Rule[]) => void;
}): ReactNode {
  const databases = useRead(['databases'], async (api) => await api.listDatabases()).data?.items ?? [];
  const groups = useRead(['groups'], async (api) => await api.listGroups()).data?.items ?? [];
  const nameOf = (id: string): string => groups.find((group) => group.id === id)?.name ?? id;
  const set = (at: number, changes: Partial<Rule>): void =>
    onChange(rules.map((rule, index) => (index === at ? { ...rule, ...changes } : rule)));
  return (
    <Section
      title="Who approves"
      actions={
        <Button
          onClick={() =>
            onChange([
              ...rules,
              { database: null, required: 1, approvers: { users: [], groups: [], admins: true } },
            ])
          }
        >
          Add rule
        </Button>
      }
    >
      <p className="text-text-2">The first rule that fits holds. Without one, one administrator approves.</p>
      <ol className="flex flex-col">
        {rules.map((rule, index) => (
          // eslint-disable-next-line react/no-array-index-key -- a rule is its place: the first that fits holds
          <li key={index} className="flex flex-wrap items-end gap-2 border-b border-border py-2">
            <Select
              label={`Database of rule ${index + 1}`}
              isLabelHidden
              className="w-44"
              value={rule.database ?? ''}
              options={[
                { value: '', label: 'Any database' },
                ...databases.map(({ id, name }) => ({ value: id, label: name })),
              ]}
              onChange={(value) => set(index, { database: value === '' ? null : value })}
            />
            <Select
              label={`Approvals of rule ${index + 1}`}
              isLabelHidden
              className="w-36"
              value={String(rule.required)}
              options={[1, 2, 3, 4].map((count) => ({
                value: String(count),
                label: count === 1 ? '1 approval' : `${count} approvals`,
              }))}
              onChange={(value) => set(index, { required: Number(value) })}
            />
            <Select
              label={`Group of rule ${index + 1}`}
              isLabelHidden
              className="w-52"
              value={rule.approvers.groups[0] ?? ''}
              options={[
                { value: '', label: 'by administrators' },
                ...groups.map(({ id, name }) => ({ value: id, label: `by administrators and ${name}` })),
              ]}
              onChange={(value) =>
                set(index, { approvers: { ...rule.approvers, groups: value === '' ? [] : [value] } })
              }
            />
            {rule.approvers.groups.length > 1 ? (
              <span className="text-12 text-text-2">
                also {rule.approvers.groups.slice(1).map(nameOf).join(', ')}
              </span>
            ) : null}
            <IconButton
              icon={X}
              label={`Remove rule ${index + 1}`}
              onClick={() => onChange(rules.toSpliced(index, 1))}
            />
          </li>
        ))}
      </ol>
    </Section>
  );
}
