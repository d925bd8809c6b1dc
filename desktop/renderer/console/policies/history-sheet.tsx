import type { PolicyRevision } from '@daam/shared/api/policies';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { ActionProblem } from '../problem-of.tsx';
import { useRead } from '../use-console.ts';
import { AppliedStrip } from './applied-strip.tsx';
import { DifferenceView, UnifiedText } from './difference-view.tsx';
import { PublicationTouch } from './publication-touch.tsx';
import { usePublication } from './use-publication.ts';

export interface HistorySheetProps {
  readonly database: string;
  readonly isAdmin: boolean;
  readonly onClose: () => void;
  readonly onRestored: () => void;
}

/** Every document that was in force, what it changed, and the way back to it. */
export function HistorySheet({ database, isAdmin, onClose, onRestored }: HistorySheetProps): ReactNode {
  const now = useNow();
  const revisions = useRead(
    ['revisions', database],
    async (api) => await api.listPolicyRevisions({ params: { database }, query: { limit: 100 } }),
  );
  const [opened, setOpened] = useState<number | null>(null);
  return (
    <Dialog title={`History of ${database}`} shape="sheet" isOpen onClose={onClose} className="w-176">
      <FetchedContent query={revisions} what="the history">
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nothing was in force yet" />
          ) : (
            <ol className="flex flex-col">
              {items.map((revision, index) => (
                <li key={revision.revision} className="border-b border-border py-2">
                  <div className="flex flex-wrap items-center gap-2">
                    <b className="font-medium">Revision {revision.revision}</b>
                    {index === 0 ? <Chip tone="ok">in force</Chip> : null}
                    {revision.isSigned ? <Chip>signed</Chip> : null}
                    <span className="text-text-2">
                      {moment(revision.createdAt, now)} by {revision.author?.email ?? 'the control plane'}
                      {revision.proposedBy === null ? null : `, proposed by ${revision.proposedBy.email}`}
                    </span>
                    <Button
                      className="ml-auto"
                      aria-expanded={opened === revision.revision}
                      onClick={() => setOpened(opened === revision.revision ? null : revision.revision)}
                    >
                      {opened === revision.revision ? 'Hide' : 'Show'} changes
                    </Button>
                  </div>
                  <p className="break-words">
                    {revision.comment || <span className="text-text-3">no comment</span>}
                  </p>
                  <p className="text-12 text-text-2">{changedWords(revision)}</p>
                  {opened === revision.revision ? (
                    <Opened
                      {...{ database, revision }}
                      canRestore={isAdmin && index > 0}
                      onRestored={onRestored}
                    />
                  ) : null}
                </li>
              ))}
            </ol>
          )
        }
      </FetchedContent>
    </Dialog>
  );
}

function changedWords({ kind, restoredFrom, added, changed, removed }: PolicyRevision): string {
  return [
    kind === 'restored' ? `restored from revision ${String(restoredFrom)}` : '',
    added.length > 0 ? `added ${added.join(', ')}` : '',
    changed.length > 0 ? `changed ${changed.join(', ')}` : '',
    removed.length > 0 ? `removed ${removed.join(', ')}` : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function Opened({
  database,
  revision: { revision },
  canRestore,
  onRestored,
}: {
  readonly database: string;
  readonly revision: PolicyRevision;
  readonly canRestore: boolean;
  readonly onRestored: () => void;
}): ReactNode {
  const publication = usePublication(database, `Revision ${revision} is in force again.`);
  const [comment, setComment] = useState('');
  const comparison = useRead(
    ['compare', database, revision],
    async (api) =>
      await api.comparePolicies({
        params: { database },
        query: { from: String(revision - 1), to: String(revision) },
      }),
  );
  async function restore(): Promise<void> {
    const said = comment.trim();
    await publication.publish(
      { kind: 'restore', revision, comment: said },
      async (api) =>
        await api.restorePolicyRevision({
          params: { database, revision: String(revision) },
          body: { comment: said },
        }),
    );
  }
  return (
    <div className="flex flex-col gap-3 py-2">
      <FetchedContent query={comparison} what="the difference">
        {({ difference, unified }) => (
          <>
            <DifferenceView difference={difference} />
            <UnifiedText text={unified} />
          </>
        )}
      </FetchedContent>
      {publication.published === null ? null : (
        <>
          <AppliedStrip database={database} epoch={publication.published.epoch} />
          <Button onClick={onRestored}>Go on from here</Button>
        </>
      )}
      <PublicationTouch publication={publication} />
      {canRestore && publication.published === null ? (
        <form
          className="flex flex-wrap items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            void restore();
          }}
        >
          <TextField
            label="Why is it restored?"
            className="w-72"
            maxLength={500}
            value={comment}
            onChange={({ target }) => setComment(target.value)}
          />
          <Button type="submit" unavailable={publication.isBusy}>
            Restore revision {revision}
          </Button>
        </form>
      ) : null}
      <ActionProblem failure={publication.failure} />
    </div>
  );
}
