import type { ApiClient } from '@daam/shared/api/client';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Switch } from '../../ui/checkbox.tsx';
import { Section } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useIsAdmin } from '../use-console.ts';
import type { AdminDatabase } from './admin-database.ts';
import { InstallCommands } from './install-commands.tsx';

type Issued = Awaited<ReturnType<ApiClient['issueAgentToken']>>;
type Environment = AdminDatabase['environment'];

/** Environment, description, fresh sign-ins, tokens of agents, removal. */
export function SettingsTab({ database }: { readonly database: AdminDatabase }): ReactNode {
  const isAdmin = useIsAdmin();
  if (!isAdmin) return <p className="px-4 py-6 text-text-2">Administrators change these.</p>;
  return (
    <div className="max-w-3xl">
      <General database={database} />
      <Agents database={database} />
      <Remove database={database} />
    </div>
  );
}

function General({ database }: { readonly database: AdminDatabase }): ReactNode {
  const { run, failure, isBusy } = useAction();
  const [environment, setEnvironment] = useState<Environment>(database.environment);
  const [description, setDescription] = useState(database.description);
  const [discoverable, setDiscoverable] = useState(database.discoverable);
  const [ownerWords, setOwnerWords] = useState(database.ownerWords);
  const [elevation, setElevation] = useState(database.elevation);
  const [stepUp, setStepUp] = useState(database.stepUpMinutes === null ? '' : String(database.stepUpMinutes));
  const minutes = stepUp.trim() === '' ? null : Number(stepUp);
  const isRight = minutes === null || (Number.isInteger(minutes) && minutes >= 1 && minutes <= 720);
  return (
    <Section title="General">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isRight) return;
          void run(
            async (api) =>
              await api.updateDatabase({
                params: { database: database.id },
                body: {
                  environment,
                  description: description.trim(),
                  discoverable,
                  ownerWords: ownerWords.trim(),
                  elevation,
                  stepUpMinutes: minutes,
                },
              }),
            'Saved.',
          );
        }}
      >
        <Select<Environment>
          label="Environment"
          className="w-56"
          value={environment}
          options={[
            { value: 'production', label: 'Production' },
            { value: 'staging', label: 'Staging' },
            { value: 'development', label: 'Development' },
          ]}
          onChange={setEnvironment}
        />
        <TextField
          label="Description"
          maxLength={500}
          value={description}
          onChange={({ target }) => setDescription(target.value)}
        />
        <Switch
          label="Everybody may see that it exists, and ask for it"
          hint="People without access then see its name, environment and the words below. Nothing else."
          checked={discoverable}
          onChange={setDiscoverable}
        />
        {discoverable ? (
          <TextField
            label="What they read beside it"
            hint="For example who owns it, and what it is for."
            maxLength={200}
            value={ownerWords}
            onChange={({ target }) => setOwnerWords(target.value)}
          />
        ) : null}
        <TextField
          label="Connecting needs a sign-in of the last … minutes"
          hint="Empty: any valid sign-in is enough."
          inputMode="numeric"
          className="w-72"
          value={stepUp}
          error={isRight ? null : 'Write a number from 1 to 720.'}
          onChange={({ target }) => setStepUp(target.value)}
        />
        <Switch
          label="Masks by elevation"
          hint="Lets the agent compute masks of values that the person’s role may not read."
          checked={elevation}
          onChange={setElevation}
        />
        <ActionProblem failure={failure} />
        <div>
          <Button type="submit" look="primary" unavailable={isBusy}>
            Save
          </Button>
        </div>
      </form>
    </Section>
  );
}

function Agents({ database }: { readonly database: AdminDatabase }): ReactNode {
  const { run, failure, isBusy } = useAction();
  const [issued, setIssued] = useState<Issued | null>(null);
  const issue = (mode: 'replace' | 'add'): void =>
    void run(async (api) =>
      setIssued(await api.issueAgentToken({ params: { database: database.id }, query: { mode } })),
    );
  return (
    <Section title="Agents">
      <div className="flex flex-col gap-3">
        <p className="text-text-2">A new agent is let in by a token that works once.</p>
        <div className="flex flex-wrap gap-2">
          <Button unavailable={isBusy} onClick={() => issue('add')}>
            Add another agent
          </Button>
          <Button unavailable={isBusy} onClick={() => issue('replace')}>
            Replace the agents
          </Button>
        </div>
        <ActionProblem failure={failure} />
        {issued === null ? null : (
          <InstallCommands
            commands={issued.commands}
            token={issued.agentToken}
            expiresAt={issued.expiresAt}
          />
        )}
      </div>
    </Section>
  );
}

function Remove({ database }: { readonly database: AdminDatabase }): ReactNode {
  const { run, failure, isBusy } = useAction();
  const navigate = useNavigate();
  const [confirm, setConfirm] = useState('');
  return (
    <Section title="Remove">
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (confirm !== database.name) return;
          void run(
            async (api) =>
              await api.deleteDatabase({ params: { database: database.id }, query: { confirm } }),
            `${database.name} removed.`,
          ).then(async (isDone) => (isDone ? await navigate({ to: '/admin/databases' }) : undefined));
        }}
      >
        <p className="text-text-2">
          Its policies are removed and its agents revoked; open sessions end. Audit records stay.
        </p>
        <TextField
          label={`Write ${database.name} to confirm`}
          className="w-72"
          value={confirm}
          onChange={({ target }) => setConfirm(target.value)}
        />
        <ActionProblem failure={failure} />
        <div>
          <Button type="submit" look="danger" unavailable={isBusy || confirm !== database.name}>
            Remove {database.name}
          </Button>
        </div>
      </form>
    </Section>
  );
}
