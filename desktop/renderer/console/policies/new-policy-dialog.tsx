import type { PolicyEntry } from '@daam/shared/policy/document';
import { formatPattern, isLiteralSegment } from '@daam/shared/policy/pattern';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { maskOfSuggestion } from './columns-panel.tsx';
import { setMask } from './policy-model.ts';
import { type ModelTable } from './table-rows.ts';
import { useSuggestions } from './use-policies.ts';

export interface NewPolicyDialogProps {
  readonly database: string;
  readonly taken: readonly string[];
  readonly tables: readonly ModelTable[];
  readonly onClose: () => void;
  readonly onCreate: (policy: PolicyEntry) => void;
}

type Start = 'suggested' | 'empty';

/** A name, and what it begins with: nothing, or every table to be read with the suggested masks. */
export function NewPolicyDialog({
  database,
  taken,
  tables,
  onClose,
  onCreate,
}: NewPolicyDialogProps): ReactNode {
  const suggestions = useSuggestions(database).data?.items ?? [];
  const [name, setName] = useState('');
  const [start, setStart] = useState<Start>(tables.length === 0 ? 'empty' : 'suggested');
  const [problem, setProblem] = useState<string | null>(null);
  function create(): void {
    const said = name.trim();
    const wrong = nameProblem(said, taken);
    setProblem(wrong);
    if (wrong !== null) return;
    const empty: PolicyEntry = {
      name: said,
      grants: [],
      masks: [],
      rowFilters: [],
      limits: {},
      assign: { users: [], groups: [] },
    };
    if (start === 'empty') return onCreate(empty);
    const readable = tables.filter((table) => [table.schema, table.name].every(isLiteralSegment));
    const reading: PolicyEntry = {
      ...empty,
      grants: readable.map((table) => ({
        table: formatPattern([table.schema, table.name]),
        operations: ['select'],
      })),
    };
    onCreate(
      suggestions.reduce(
        (next, one) =>
          setMask(next, formatPattern([one.schema, one.table, one.column]), maskOfSuggestion(one)),
        reading,
      ),
    );
  }
  return (
    <Dialog
      title="New policy"
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" onClick={create}>
            Create in the draft
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          create();
        }}
      >
        <TextField
          label="Name"
          hint="Letters, digits, space, dot, underscore and hyphen."
          maxLength={63}
          value={name}
          error={problem}
          onChange={({ target }) => setName(target.value)}
        />
        <Select<Start>
          label="Begin with"
          value={start}
          options={[
            {
              value: 'suggested',
              label: `Reading all ${tables.length} tables, with ${suggestions.length} suggested masks`,
            },
            { value: 'empty', label: 'Nothing granted' },
          ]}
          onChange={setStart}
        />
        <p className="text-text-2">It is in your draft until you publish it, and assigned to nobody yet.</p>
      </form>
    </Dialog>
  );
}

/** What is wrong with a name; null: nothing. */
export function nameProblem(name: string, taken: readonly string[]): string | null {
  if (name === '') return 'Give it a name.';
  if (!/^[A-Za-z0-9][A-Za-z0-9 ._-]*$/.test(name))
    return 'Use letters, digits, space, dot, underscore and hyphen.';
  return taken.includes(name) ? 'There is a policy of this name.' : null;
}
