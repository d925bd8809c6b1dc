/** The visual form of a document: one policy at a time, its tables on the left, what is chosen on the right. */
import type { PolicyDocument, PolicyEntry } from '@daam/shared/policy/document';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { AssignPanel } from './assign-panel.tsx';
import { ColumnsPanel } from './columns-panel.tsx';
import type { DraftView } from './draft-saver.ts';
import { LimitsPanel } from './limits-panel.tsx';
import { NewPolicyDialog } from './new-policy-dialog.tsx';
import { withPolicy } from './policy-model.ts';
import { SuggestionsPanel } from './suggestions-panel.tsx';
import { TablesGrid } from './tables-grid.tsx';
import { UnusedPanel } from './unused-panel.tsx';
import { useSchema } from './use-policies.ts';

export interface VisualEditorProps {
  readonly database: string;
  readonly view: DraftView;
  readonly isReadOnly: boolean;
  readonly onChange: (document: PolicyDocument) => void;
}

export function VisualEditor({ database, view, isReadOnly, onChange }: VisualEditorProps): ReactNode {
  const schema = useSchema(database);
  const [chosen, setChosen] = useState<string | null>(null);
  const [isNaming, setNaming] = useState(false);
  const { document } = view;
  if (document === null) return null;
  const policy = document.policies.find(({ name }) => name === chosen) ?? document.policies[0];
  const change = (next: PolicyEntry): void => onChange(withPolicy(document, next.name, next));
  return (
    <>
      <div className="flex flex-wrap items-end gap-2 border-b border-border px-4 py-2">
        {policy === undefined ? null : (
          <Select
            label="Policy"
            isLabelHidden
            className="w-56"
            value={policy.name}
            options={document.policies.map(({ name, assign }) => ({
              value: name,
              label: name,
              detail: assignedWords(assign),
            }))}
            onChange={setChosen}
          />
        )}
        <span className="self-center text-12 text-text-2">
          {policy === undefined ? '' : `assigned: ${assignedNames(policy)}`}
        </span>
        {isReadOnly ? null : (
          <span className="ml-auto flex gap-2 max-narrow:ml-0">
            <Button onClick={() => setNaming(true)}>New policy</Button>
            {policy === undefined ? null : (
              <Button look="danger" onClick={() => onChange(withPolicy(document, policy.name, null))}>
                Remove {policy.name}
              </Button>
            )}
          </span>
        )}
      </div>
      <FetchedContent query={schema} what="the schema">
        {(reported) =>
          policy === undefined ? (
            <Empty
              title="Nothing is granted"
              actions={
                isReadOnly ? undefined : (
                  <Button look="primary" onClick={() => setNaming(true)}>
                    Create the first policy
                  </Button>
                )
              }
            >
              Without a policy nobody sees any table of {database}.
            </Empty>
          ) : (
            <PolicyParts
              key={policy.name}
              database={database}
              policy={policy}
              tables={reported.received?.tables ?? []}
              reportedAt={reported.received?.version.confirmedAt ?? null}
              isReadOnly={isReadOnly}
              onChange={change}
            />
          )
        }
      </FetchedContent>
      {isNaming ? (
        <NewPolicyDialog
          database={database}
          taken={document.policies.map(({ name }) => name)}
          tables={schema.data?.received?.tables ?? []}
          onClose={() => setNaming(false)}
          onCreate={(created) => {
            onChange(withPolicy(document, created.name, created));
            setChosen(created.name);
            setNaming(false);
          }}
        />
      ) : null}
    </>
  );
}

type Part = 'tables' | 'suggestions' | 'unused' | 'people' | 'limits';

function PolicyParts(props: {
  readonly database: string;
  readonly policy: PolicyEntry;
  readonly tables: Parameters<typeof TablesGrid>[0]['tables'];
  readonly reportedAt: string | null;
  readonly isReadOnly: boolean;
  readonly onChange: (policy: PolicyEntry) => void;
}): ReactNode {
  const { database, policy, tables, reportedAt, isReadOnly, onChange } = props;
  const [part, setPart] = useState<Part>('tables');
  const [selected, setSelected] = useState<string | null>(null);
  const shared = { policy, isReadOnly, onChange };
  return (
    <Tabs<Part>
      label={`Parts of ${policy.name}`}
      value={part}
      onChange={setPart}
      tabs={[
        {
          value: 'tables',
          label: 'Tables & columns',
          panel: (
            <div className="wide:grid wide:grid-cols-[minmax(0,1fr)_28rem]">
              <TablesGrid {...shared} {...{ database, tables, reportedAt }} onSelect={setSelected} />
              <ColumnsPanel {...shared} {...{ database, tables, selected }} />
            </div>
          ),
        },
        {
          value: 'suggestions',
          label: 'Suggestions',
          panel: <SuggestionsPanel {...shared} database={database} />,
        },
        { value: 'unused', label: 'Unused', panel: <UnusedPanel {...shared} database={database} /> },
        { value: 'people', label: 'Assigned to', panel: <AssignPanel {...shared} /> },
        { value: 'limits', label: 'Limits', panel: <LimitsPanel {...shared} /> },
      ]}
    />
  );
}

function assignedWords({ users, groups }: PolicyEntry['assign']): string {
  const count = users.length + groups.length;
  return count === 0 ? 'nobody' : count === 1 ? (groups[0] ?? users[0] ?? '') : `${count} assignments`;
}

function assignedNames({ assign: { users, groups } }: PolicyEntry): string {
  const all = [...groups, ...users];
  if (all.length === 0) return 'nobody';
  return all.length <= 3 ? all.join(', ') : `${all.slice(0, 3).join(', ')} and ${all.length - 3} more`;
}
