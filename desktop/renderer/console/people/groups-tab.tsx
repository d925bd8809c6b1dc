import type { ApiClient } from '@daam/shared/api/client';
import { X } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Section } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useIsAdmin, useRead } from '../use-console.ts';

type Group = Awaited<ReturnType<ApiClient['listGroups']>>['items'][number];

export function GroupsTab(): ReactNode {
  const isAdmin = useIsAdmin();
  const groups = useRead(['groups'], async (api) => await api.listGroups());
  return (
    <>
      {isAdmin ? <AddGroup /> : null}
      <FetchedContent query={groups} what="the groups">
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="There is no group yet">
              A policy that is assigned to a group holds for all of its members.
            </Empty>
          ) : (
            items.map((group) => <GroupPart key={group.id} group={group} isAdmin={isAdmin} />)
          )
        }
      </FetchedContent>
    </>
  );
}

function AddGroup(): ReactNode {
  const { run, failure, isBusy } = useAction();
  const [name, setName] = useState('');
  return (
    <form
      className="flex flex-wrap items-end gap-2 px-4 py-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === '') return;
        void run(
          async (api) => await api.createGroup({ body: { name: name.trim() } }),
          `${name.trim()} added.`,
        ).then((isDone) => (isDone ? setName('') : undefined));
      }}
    >
      <TextField
        label="New group"
        className="w-64"
        maxLength={120}
        value={name}
        onChange={({ target }) => setName(target.value)}
      />
      <Button type="submit" unavailable={isBusy || name.trim() === ''}>
        Add group
      </Button>
      <ActionProblem failure={failure} />
    </form>
  );
}

function GroupPart({ group, isAdmin }: { readonly group: Group; readonly isAdmin: boolean }): ReactNode {
  const { run, failure, isBusy } = useAction();
  const [isRemoving, setRemoving] = useState(false);
  const policies = useRead(
    ['assignments', 'group', group.id],
    async (api) => await api.listPolicyAssignments({ query: { group: group.id, limit: 100 } }),
  );
  const assigned = policies.data?.items ?? [];
  return (
    <Section
      title={group.name}
      actions={
        isAdmin ? (
          <Button look="danger" aria-label={`Remove ${group.name}`} onClick={() => setRemoving(true)}>
            Remove
          </Button>
        ) : undefined
      }
    >
      <ActionProblem failure={failure} />
      <p className="text-12 text-text-2">
        {assigned.length === 0
          ? 'No policy is assigned to it.'
          : assigned.map(({ policy, database }) => `${policy.name} of ${database.name}`).join(', ')}
      </p>
      <ul className="flex flex-wrap gap-x-3">
        {group.members.map((member) => (
          <li key={member.id} className="flex min-h-8 items-center gap-1">
            <a
              href={`#/admin/people/${encodeURIComponent(member.id)}`}
              className="break-all text-accent hover:underline"
            >
              {member.email}
            </a>
            {isAdmin ? (
              <IconButton
                icon={X}
                label={`Take ${member.email} out of ${group.name}`}
                disabled={isBusy}
                onClick={() =>
                  void run(
                    async (api) => await api.removeGroupMember({ params: { id: group.id, user: member.id } }),
                    `${member.email} left ${group.name}.`,
                  )
                }
              />
            ) : null}
          </li>
        ))}
      </ul>
      {isAdmin ? <AddMember group={group} /> : null}
      {isRemoving ? (
        <Confirm
          title={`Remove ${group.name}?`}
          confirmLabel="Remove group"
          isDanger
          isOpen
          onClose={() => setRemoving(false)}
          onConfirm={() =>
            void run(
              async (api) => await api.deleteGroup({ params: { id: group.id } }),
              `${group.name} removed.`,
            )
          }
        >
          Its {group.members.length} members lose what they have through it, at once.
        </Confirm>
      ) : null}
    </Section>
  );
}

function AddMember({ group }: { readonly group: Group }): ReactNode {
  const { run, failure, isBusy } = useAction();
  const users =
    useRead(['users'], async (api) => await api.listUsers({ query: { limit: 500 } })).data?.items ?? [];
  const left = users.filter(({ id }) => group.members.every((member) => member.id !== id));
  const [chosen, setChosen] = useState('');
  const next = left.find(({ id }) => id === chosen) ?? left[0];
  if (next === undefined) return null;
  return (
    <div className="mt-1 flex flex-wrap items-end gap-2">
      <Select
        label={`Add to ${group.name}`}
        isLabelHidden
        className="w-64"
        value={next.id}
        options={left.map(({ id, email }) => ({ value: id, label: email }))}
        onChange={setChosen}
      />
      <Button
        unavailable={isBusy}
        aria-label={`Add ${next.email} to ${group.name}`}
        onClick={() =>
          void run(
            async (api) => await api.addGroupMember({ params: { id: group.id, user: next.id } }),
            `${next.email} is in ${group.name}.`,
          )
        }
      >
        Add
      </Button>
      <ActionProblem failure={failure} />
    </div>
  );
}
