/** What a publication would change: in rights, for people, for recorded statements; then the publication, and how it reaches the agents. */
import type { DryRun, PolicyDraftView } from '@daam/shared/api/policies';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useApi } from '../../bridge/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/notice.tsx';
import { FetchedContent } from '../../ui/states.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useRead } from '../use-console.ts';
import { AppliedStrip } from './applied-strip.tsx';
import { ConflictPanel } from './conflict-panel.tsx';
import { DifferenceView, UnifiedText } from './difference-view.tsx';
import { PeopleImpactView, StatementImpactView } from './impact-views.tsx';
import { PublicationTouch } from './publication-touch.tsx';
import { usePublication } from './use-publication.ts';

export interface PublishSheetProps {
  readonly database: string;
  readonly draft: PolicyDraftView;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function PublishSheet({ database, draft, onClose, onDone }: PublishSheetProps): ReactNode {
  const settings = useRead(['policy-settings'], async (api) => await api.getPolicySettings({}));
  const publication = usePublication(database, `Policies of ${database} published.`);
  const proposing = useAction();
  const [comment, setComment] = useState('');
  const [isProposed, setProposed] = useState(false);
  const { published, waiting } = publication;
  const failure = publication.failure ?? proposing.failure;
  const takesTwo = settings.data?.secondApprover === true;
  const isStale = draft.isStale || failure?.code === 'CONFLICT';
  const isDone = published !== null || isProposed;
  async function submit(): Promise<void> {
    const params = { database };
    const body = { edition: draft.edition, comment: comment.trim() };
    if (!takesTwo) {
      await publication.publish(
        { kind: 'draft', ...body },
        async (api) => await api.publishPolicyDraft({ params, body }),
      );
      return;
    }
    const said = 'Proposed. Another administrator publishes it.';
    setProposed(await proposing.run(async (api) => await api.proposePolicies({ params, body }), said));
  }
  return (
    <Dialog
      title={`Review & publish the policies of ${database}`}
      shape="sheet"
      isOpen
      onClose={isDone ? onDone : onClose}
      className="w-200"
      footer={
        isDone ? (
          <Button look="primary" onClick={onDone}>
            Done
          </Button>
        ) : isStale || waiting !== null ? undefined : (
          <CommentForm
            action={takesTwo ? 'Propose' : 'Publish'}
            {...{ comment, setComment, onClose }}
            isBusy={publication.isBusy || proposing.isBusy || settings.data === undefined}
            onSubmit={() => void submit()}
          />
        )
      }
    >
      <div className="flex flex-col gap-3">
        {failure === null || isStale ? null : <ActionProblem failure={failure} />}
        <PublicationTouch publication={publication} />
        {published !== null ? (
          <AppliedStrip database={database} epoch={published.epoch} />
        ) : isProposed ? (
          <Notice severity="information" title="Proposed">
            Another administrator reviews and publishes it. Your draft stays; what you change in it from here
            on is not part of the proposal.
          </Notice>
        ) : isStale ? (
          <ConflictPanel database={database} draft={draft} onRebased={onDone} />
        ) : (
          <>
            {takesTwo ? (
              <p className="text-text-2">It takes two: another administrator publishes what you propose.</p>
            ) : null}
            <Review database={database} edition={draft.edition} />
          </>
        )}
      </div>
    </Dialog>
  );
}

function CommentForm({
  action,
  comment,
  setComment,
  isBusy,
  onClose,
  onSubmit,
}: {
  readonly action: 'Publish' | 'Propose';
  readonly comment: string;
  readonly setComment: (comment: string) => void;
  readonly isBusy: boolean;
  readonly onClose: () => void;
  readonly onSubmit: () => void;
}): ReactNode {
  return (
    <form
      className="flex w-full flex-wrap items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (comment.trim() !== '' && !isBusy) onSubmit();
      }}
    >
      <TextField
        label="Why is this changed?"
        className="min-w-56 flex-1"
        maxLength={500}
        value={comment}
        onChange={({ target }) => setComment(target.value)}
      />
      <Button onClick={onClose}>Back to the draft</Button>
      <Button type="submit" look="primary" unavailable={comment.trim() === '' || isBusy}>
        {action}
      </Button>
    </form>
  );
}

type Part = 'rights' | 'people' | 'traffic' | 'text';

function Review({ database, edition }: { readonly database: string; readonly edition: number }): ReactNode {
  const api = useApi();
  const query = useQuery({
    queryKey: ['console-dry-run', database, edition],
    queryFn: async () =>
      await api.dryRunPolicies({ params: { database }, body: { statements: { days: 7 } } }),
    gcTime: 0,
  });
  return (
    <FetchedContent query={query} what="what it would change">
      {(found) => <DryRunTabs dryRun={found} />}
    </FetchedContent>
  );
}

function DryRunTabs({
  dryRun: { difference, people, statements, unified },
}: {
  readonly dryRun: DryRun;
}): ReactNode {
  const [part, setPart] = useState<Part>('rights');
  const refused = statements?.counts.refused ?? 0;
  return (
    <Tabs<Part>
      label="What it would change"
      value={part}
      onChange={setPart}
      tabs={[
        {
          value: 'rights',
          label: (
            <>
              Rights <Chip>{difference.policies.length}</Chip>
            </>
          ),
          panel: (
            <Padded>
              <DifferenceView difference={difference} />
            </Padded>
          ),
        },
        {
          value: 'people',
          label: (
            <>
              People <Chip tone={people.affected > 0 ? 'warn' : 'neutral'}>{people.affected}</Chip>
            </>
          ),
          panel: (
            <Padded>
              <PeopleImpactView impact={people} />
            </Padded>
          ),
        },
        {
          value: 'traffic',
          label: (
            <>
              Traffic <Chip tone={refused > 0 ? 'bad' : 'neutral'}>{refused} refused</Chip>
            </>
          ),
          panel: (
            <Padded>
              {statements === null ? (
                'No recorded statements were looked at.'
              ) : (
                <StatementImpactView impact={statements} />
              )}
            </Padded>
          ),
        },
        {
          value: 'text',
          label: 'Text',
          panel: (
            <Padded>
              <UnifiedText text={unified} />
            </Padded>
          ),
        },
      ]}
    />
  );
}

function Padded({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className="px-1 py-3">{children}</div>;
}
