/** The wizard for a new database: its name, its agent with the token that is shown once, and waiting until it reports. */
import type { ApiClient } from '@daam/shared/api/client';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction } from '../use-console.ts';
import { AgentTicks, useTicks } from './agent-ticks.tsx';
import { InstallCommands } from './install-commands.tsx';

type Created = Awaited<ReturnType<ApiClient['createDatabase']>>;
type Environment = Created['database']['environment'];

export function AddDatabaseSheet({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [created, setCreated] = useState<Created | null>(null);
  return (
    <Dialog
      title={created === null ? 'Add a database' : `Run the agent of ${created.database.name}`}
      shape="sheet"
      isOpen
      onClose={onClose}
      className="w-176"
    >
      {created === null ? (
        <NameForm onCreated={setCreated} />
      ) : (
        <RunAgent created={created} onClose={onClose} />
      )}
    </Dialog>
  );
}

function NameForm({ onCreated }: { readonly onCreated: (created: Created) => void }): ReactNode {
  const { run, failure, isBusy } = useAction();
  const [name, setName] = useState('');
  const [databaseName, setDatabaseName] = useState('');
  const [environment, setEnvironment] = useState<Environment>('production');
  const [description, setDescription] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  async function create(): Promise<void> {
    const isSlug = /^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/.test(name);
    setProblem(isSlug ? null : 'Use lower-case letters, digits, hyphens and underscores, at most 63.');
    if (!isSlug) return;
    await run(async (api) => {
      const body = {
        name,
        databaseName: databaseName.trim() === '' ? name : databaseName.trim(),
        environment,
        description: description.trim(),
      };
      onCreated(await api.createDatabase({ body }));
    }, `${name} added.`);
  }
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}
    >
      <p className="text-12 text-text-2">Step 1 of 3</p>
      <TextField
        label="Name"
        hint="What people see and type: orders, ledger-staging."
        value={name}
        error={problem}
        onChange={({ target }) => setName(target.value)}
      />
      <TextField
        label="Name of the PostgreSQL database"
        hint="As PostgreSQL has it; empty: the same."
        isData
        maxLength={63}
        value={databaseName}
        onChange={({ target }) => setDatabaseName(target.value)}
      />
      <Select<Environment>
        label="Environment"
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
      <ActionProblem failure={failure} />
      <div>
        <Button type="submit" look="primary" unavailable={isBusy || name === ''}>
          Continue
        </Button>
      </div>
    </form>
  );
}

function RunAgent({
  created,
  onClose,
}: {
  readonly created: Created;
  readonly onClose: () => void;
}): ReactNode {
  const navigate = useNavigate();
  const { database, commands, expiresAt, agentToken } = created;
  const ticks = useTicks(database.id, Date.parse(expiresAt));
  const hasSchema = ticks.at(-1)?.state === 'done';
  return (
    <div className="flex flex-col gap-4">
      <p className="text-12 text-text-2">Step 2 of 3</p>
      <InstallCommands commands={commands} token={agentToken} expiresAt={expiresAt} />
      <p className="text-12 text-text-2">Step 3 of 3</p>
      <AgentTicks ticks={ticks} />
      <div className="flex gap-2">
        <Button
          look={hasSchema ? 'primary' : 'secondary'}
          onClick={() => {
            onClose();
            void navigate({ to: '/admin/policies/$database', params: { database: database.name } });
          }}
        >
          Create first policy
        </Button>
        <Button onClick={onClose}>Close</Button>
      </div>
    </div>
  );
}
