import { toAppError } from '@daam/shared/errors/app-error';
import type { AppError } from '@daam/shared/errors/app-error';
import type { RequestView } from '@daam/shared/api/routes/requests';
import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import { useApi } from '../bridge/use-api.ts';
import { apiKey, useDatabases } from '../bridge/use-engine-data.ts';
import { Button } from '../ui/button.tsx';
import { Checkbox } from '../ui/checkbox.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Select } from '../ui/select.tsx';
import { Problem } from '../ui/states.tsx';
import { TextArea, TextField } from '../ui/text-field.tsx';
import { duration } from '../ui/time.ts';
import { bodyOf, draftOf, problemsOf, withTerms } from './request-draft.ts';
import type { DraftProblems, RequestDraft, RequestPrefill } from './request-draft.ts';

import { RequestOutlook } from './request-outlook.tsx';
import { termsLines } from './request-words.ts';

export type { RequestPrefill } from './request-draft.ts';

const operations = ['select', 'insert', 'update', 'delete'] as const;
const windows = [
  [60, '1 hour'],
  [240, '4 hours'],
  [480, '8 hours'],
  [1_440, '1 day'],
  [10_080, '1 week'],
] as const;

export interface RequestFormProps {
  readonly prefill: RequestPrefill | null;
  /** What to begin with instead, of an earlier request. */
  readonly start?: RequestDraft;
  /** Who decides and how long that takes stands beside the form, not below it. */
  readonly isWide?: boolean;
  readonly onSent: (request: RequestView) => void;
  readonly onCancel: () => void;
}

/** Asks for access for a while: what, how long, why. What the screen knows already is filled in. */
export function RequestForm({
  prefill,
  start,
  isWide = false,
  onSent,
  onCancel,
}: RequestFormProps): ReactNode {
  const api = useApi();
  const queries = useQueryClient();
  const databases = useDatabases().data ?? [];
  const [draft, setDraft] = useState<RequestDraft>(() => start ?? draftOf(prefill, databases));
  const [problems, setProblems] = useState<DraftProblems>({});
  const [failure, setFailure] = useState<AppError | null>(null);
  const [isSending, setSending] = useState(false);
  const names = useId();

  function change(changes: Partial<RequestDraft>): void {
    const next = { ...draft, ...changes };
    setDraft(next);
    // What was wrong is judged again while it is mended; what was not looked at yet is not complained about.
    const found = problemsOf(next, Date.now());
    setProblems((shown) => Object.fromEntries(Object.entries(found).filter(([field]) => field in shown)));
  }

  async function send(): Promise<void> {
    const found = problemsOf(draft, Date.now());
    setProblems(found);
    if (Object.keys(found).length > 0 || isSending) return;
    setSending(true);
    setFailure(null);
    try {
      const created = await api.createRequest({ body: bodyOf(draft) });
      await queries.invalidateQueries({ queryKey: [apiKey] });
      onSent(created);
    } catch (thrown) {
      setFailure(toAppError(thrown));
    } finally {
      setSending(false);
    }
  }

  return (
    <form
      noValidate
      className={
        isWide ? 'grid gap-x-8 gap-y-3.5 wide:grid-cols-[minmax(0,1fr)_20rem]' : 'flex flex-col gap-3.5'
      }
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div className="flex min-w-0 flex-col gap-3.5">
        <TextField
          label="Database"
          list={names}
          value={draft.database}
          error={problems.database}
          onChange={({ target }) => change({ database: target.value })}
        />
        <datalist id={names}>
          {databases.map(({ id, name }) => (
            <option key={id} value={name} aria-label={name} />
          ))}
        </datalist>
        <Segmented
          label="What you ask for"
          value={draft.kind}
          options={[
            { value: 'tables', label: 'Tables' },
            { value: 'columns', label: 'Unmasked columns' },
            { value: 'policy', label: 'A policy' },
            ...(draft.document === null ? [] : [{ value: 'document' as const, label: 'The same' }]),
          ]}
          onChange={(kind) => change({ kind })}
        />
        <What draft={draft} problems={problems} change={change} />
        <When draft={draft} problems={problems} change={change} />
        <TextArea
          label="Reason"
          hint="Approvers read it before they decide."
          value={draft.reason}
          error={problems.reason}
          onChange={({ target }) => change({ reason: target.value })}
        />
        <TextField
          label="Ticket (optional)"
          maxLength={120}
          value={draft.ticket}
          onChange={({ target }) => change({ ticket: target.value })}
        />
        {draft.statement === '' ? null : (
          <TextArea
            label="Statement, for the approvers"
            isData
            value={draft.statement}
            onChange={({ target }) => change({ statement: target.value })}
          />
        )}
        <Checkbox
          label="Emergency: open it at once on my own word. It is reviewed afterwards."
          checked={draft.emergency}
          onChange={(emergency) => change({ emergency })}
        />
        {failure === null ? null : <Problem error={failure} />}
      </div>
      <RequestOutlook
        draft={draft}
        onInstead={(access, minutes) => change(withTerms(draft, { access, minutes }))}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" unavailable={isSending}>
          {isSending ? 'Sending…' : 'Send request'}
        </Button>
      </div>
    </form>
  );
}

interface PartProps {
  readonly draft: RequestDraft;
  readonly problems: DraftProblems;
  readonly change: (changes: Partial<RequestDraft>) => void;
}

function What({ draft, problems, change }: PartProps): ReactNode {
  if (draft.kind === 'policy') {
    return (
      <TextField
        label="Policy"
        value={draft.policy}
        error={problems.policy}
        onChange={({ target }) => change({ policy: target.value })}
      />
    );
  }
  if (draft.kind === 'document') {
    const asked = { policy: null, access: { ...draft.document }, minutes: draft.minutes, startAt: null };
    return (
      <ul className="flex flex-col font-data text-12 break-words">
        {termsLines(asked).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    );
  }
  if (draft.kind === 'columns') {
    return (
      <TextArea
        label="Columns to see without a mask"
        hint="One a line: schema.table.column"
        isData
        value={draft.columns}
        error={problems.columns}
        onChange={({ target }) => change({ columns: target.value })}
      />
    );
  }
  return (
    <>
      <TextArea
        label="Tables"
        hint="One a line: schema.table; sales.* for all of a schema"
        isData
        value={draft.tables}
        error={problems.tables}
        onChange={({ target }) => change({ tables: target.value })}
      />
      <fieldset>
        <legend className="font-medium">To do what</legend>
        <div className="flex flex-wrap gap-x-4">
          {operations.map((operation) => (
            <Checkbox
              key={operation}
              label={operation}
              checked={draft.operations.includes(operation)}
              onChange={(isOn) => {
                const next = operations.filter((other) =>
                  other === operation ? isOn : draft.operations.includes(other),
                );
                if (next.length > 0) change({ operations: next });
              }}
            />
          ))}
        </div>
      </fieldset>
    </>
  );
}

/** The usual windows, and the one that an earlier request or a rule had. */
function windowsWith(minutes: number): readonly (readonly [number, string])[] {
  if (windows.some(([each]) => each === minutes)) return windows;
  const all: (readonly [number, string])[] = [...windows, [minutes, duration(minutes * 60_000)]];
  return all.toSorted(([one], [other]) => one - other);
}

function When({ draft, problems, change }: PartProps): ReactNode {
  return (
    <div className="flex flex-wrap gap-3">
      <Select
        label="For how long"
        className="w-40"
        value={String(draft.minutes)}
        options={windowsWith(draft.minutes).map(([minutes, label]) => ({ value: String(minutes), label }))}
        onChange={(value) => change({ minutes: Number(value) })}
      />
      <TextField
        label="From (empty: once approved)"
        type="datetime-local"
        className="flex-1"
        value={draft.startAt}
        error={problems.startAt}
        onChange={({ target }) => change({ startAt: target.value })}
      />
    </div>
  );
}
