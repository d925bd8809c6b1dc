import type { AuditView } from '@daam/shared/api/routes/audit';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Menu } from '../../ui/menu.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useRead } from '../use-console.ts';
import type { AuditClass } from './use-audit.ts';

const maxViews = 50;

/** The questions that this person keeps: one asks it again, the one on the screen can be kept or dropped. */
export function SavedViews({
  kind,
  line,
  onAsk,
}: {
  readonly kind: AuditClass;
  readonly line: string;
  readonly onAsk: (view: AuditView) => void;
}): ReactNode {
  const kept = useRead(['audit-views'], async (api) => await api.getAuditViews());
  const { run, failure, isBusy } = useAction();
  const [isNaming, setNaming] = useState(false);
  const views = kept.data?.views ?? [];
  const current = views.find((view) => view.class === kind && view.question === line);
  const put = async (next: readonly AuditView[], said: string): Promise<boolean> =>
    await run(async (api) => await api.putAuditViews({ body: { views: [...next] } }), said);
  return (
    <>
      <Menu
        align="end"
        trigger={<Button>Views</Button>}
        items={[
          ...views.map((view) => ({
            id: `view ${view.name}`,
            label: view.name,
            detail: view.question === '' ? `all ${view.class}` : view.question,
            onSelect: () => onAsk(view),
          })),
          current === undefined
            ? {
                id: 'keep question',
                label: 'Keep this question…',
                detail: views.length >= maxViews ? 'There are 50 already' : 'By a name of yours',
                disabled: views.length >= maxViews,
                onSelect: () => setNaming(true),
              }
            : {
                id: 'drop question',
                label: `Drop "${current.name}"`,
                detail: 'The question, not the records',
                onSelect: () =>
                  void put(
                    views.filter((view) => view !== current),
                    `${current.name} dropped.`,
                  ),
              },
        ]}
      />
      <ActionProblem failure={isNaming ? null : failure} />
      {isNaming ? (
        <NameDialog
          taken={views.map(({ name }) => name)}
          isBusy={isBusy}
          problem={<ActionProblem failure={failure} />}
          onClose={() => setNaming(false)}
          onName={async (name) => {
            if (await put([...views, { name, class: kind, question: line }], `${name} kept.`))
              setNaming(false);
          }}
        />
      ) : null}
    </>
  );
}

function NameDialog(props: {
  readonly taken: readonly string[];
  readonly isBusy: boolean;
  readonly problem: ReactNode;
  readonly onName: (name: string) => Promise<void>;
  readonly onClose: () => void;
}): ReactNode {
  const [name, setName] = useState('');
  const [error, setError] = useState<string | null>(null);
  function keep(): void {
    const wanted = name.trim();
    if (wanted === '') setError('Give it a name.');
    else if (props.taken.includes(wanted)) setError('You have one of this name.');
    else void props.onName(wanted);
  }
  return (
    <Dialog
      title="Keep this question"
      isOpen
      onClose={props.onClose}
      className="w-104"
      footer={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button look="primary" unavailable={props.isBusy} onClick={keep}>
            Keep
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          keep();
        }}
      >
        <TextField
          label="Name"
          hint="You alone see it."
          maxLength={80}
          value={name}
          error={error}
          onChange={({ target }) => {
            setName(target.value);
            setError(null);
          }}
        />
        {props.problem}
      </form>
    </Dialog>
  );
}
