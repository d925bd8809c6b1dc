import type { PolicyEntry } from '@daam/shared/policy/document';
import { X } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Section } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { useRead } from '../use-console.ts';

export interface AssignPanelProps {
  readonly policy: PolicyEntry;
  readonly isReadOnly: boolean;
  readonly onChange: (policy: PolicyEntry) => void;
}

/** Groups and people who have the policy. */
export function AssignPanel({ policy, isReadOnly, onChange }: AssignPanelProps): ReactNode {
  const groups = useRead(['groups'], async (api) => await api.listGroups());
  const users = useRead(['users'], async (api) => await api.listUsers({ query: { limit: 500 } }));
  const { assign } = policy;
  const set = (kind: 'groups' | 'users', names: string[]): void =>
    onChange({ ...policy, assign: { ...assign, [kind]: names } });
  return (
    <div className="grid max-w-4xl gap-x-6 wide:grid-cols-2">
      <Names
        title="Groups"
        names={assign.groups}
        offered={(groups.data?.items ?? []).map(({ name }) => name)}
        isReadOnly={isReadOnly}
        onChange={(names) => set('groups', names)}
      />
      <Names
        title="People"
        names={assign.users}
        offered={(users.data?.items ?? []).map(({ email }) => email)}
        isReadOnly={isReadOnly}
        onChange={(names) => set('users', names)}
      />
    </div>
  );
}

function Names({
  title,
  names,
  offered,
  isReadOnly,
  onChange,
}: {
  readonly title: string;
  readonly names: readonly string[];
  readonly offered: readonly string[];
  readonly isReadOnly: boolean;
  readonly onChange: (names: string[]) => void;
}): ReactNode {
  const left = offered.filter((name) => !names.includes(name));
  const [chosen, setChosen] = useState('');
  const next = left.includes(chosen) ? chosen : (left[0] ?? '');
  return (
    <Section title={title}>
      {names.length === 0 ? <p className="text-text-2">None.</p> : null}
      <ul>
        {names.map((name) => (
          <li key={name} className="flex min-h-8 items-center gap-2 border-b border-border">
            <span className="min-w-0 flex-1 break-all">{name}</span>
            {isReadOnly ? null : (
              <IconButton
                icon={X}
                label={`Take the policy from ${name}`}
                onClick={() => onChange(names.filter((one) => one !== name))}
              />
            )}
          </li>
        ))}
      </ul>
      {isReadOnly || next === '' ? null : (
        <div className="mt-2 flex items-end gap-2">
          <Select
            label={`Add to ${title.toLowerCase()}`}
            isLabelHidden
            className="w-64"
            value={next}
            options={left.map((name) => ({ value: name, label: name }))}
            onChange={setChosen}
          />
          <Button aria-label={`Assign to ${next}`} onClick={() => onChange([...names, next])}>
            Assign
          </Button>
        </div>
      )}
    </Section>
  );
}
