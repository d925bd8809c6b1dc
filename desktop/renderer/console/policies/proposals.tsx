/** What others proposed, or one proposed oneself, and that waits to be published. */
import type { PolicyProposal } from '@daam/shared/api/routes/publications';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useStatus } from '../../bridge/use-engine-data.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/notice.tsx';
import { FetchedContent } from '../../ui/states.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useRead } from '../use-console.ts';
import { AppliedStrip } from './applied-strip.tsx';
import { DifferenceView, UnifiedText } from './difference-view.tsx';
import { PublicationTouch } from './publication-touch.tsx';
import { usePublication } from './use-publication.ts';

interface ProposalsProps {
  readonly database: string;
  readonly isAdmin: boolean;
  /** Somebody's proposal is in force: the editor starts over. */
  readonly onPublished: () => void;
}

/** Nothing, unless something waits. */
export function Proposals({ database, isAdmin, onPublished }: ProposalsProps): ReactNode {
  const now = useNow();
  const proposals = useRead(
    ['proposals', database],
    async (api) => await api.listPolicyProposals({ params: { database }, query: { limit: 50 } }),
    { every: 15_000 },
  );
  const [opened, setOpened] = useState<PolicyProposal | null>(null);
  const waiting = (proposals.data?.items ?? []).filter(({ state }) => state === 'open' || state === 'stale');
  if (waiting.length === 0 && opened === null) return null;
  return (
    <section aria-label="Proposals" className="border-b border-border px-4 py-2">
      <ul className="flex flex-col gap-1">
        {waiting.map((proposal) => (
          <li key={proposal.id} className="flex flex-wrap items-center gap-2">
            <Chip tone={proposal.state === 'stale' ? 'warn' : 'neutral'}>
              {proposal.state === 'stale' ? 'overtaken' : 'proposed'}
            </Chip>
            <span className="min-w-0 flex-1 break-words">
              <b className="font-medium">{proposal.author?.email ?? 'somebody who is gone'}</b>{' '}
              {moment(proposal.createdAt, now)}: {proposal.comment}
            </span>
            <Button onClick={() => setOpened(proposal)}>
              Review <span className="sr-only">the proposal of {proposal.author?.email}</span>
            </Button>
          </li>
        ))}
      </ul>
      {opened === null ? null : (
        <ProposalSheet
          {...{ database, isAdmin, onPublished }}
          proposal={opened}
          onClose={() => setOpened(null)}
        />
      )}
    </section>
  );
}

function ProposalSheet({
  database,
  proposal,
  isAdmin,
  onClose,
  onPublished,
}: ProposalsProps & { readonly proposal: PolicyProposal; readonly onClose: () => void }): ReactNode {
  const params = { database, proposal: proposal.id };
  const publication = usePublication(database, 'The proposal is in force.');
  const detail = useRead(
    ['proposal', proposal.id],
    async (api) => await api.getPolicyProposal({ params }),
    // What it changes is told of the document that was in force before.
    { enabled: publication.published === null },
  );
  const isPublished = publication.published !== null;
  const leave = isPublished ? onPublished : onClose;
  return (
    <Dialog
      title={`Proposal of ${proposal.author?.email ?? 'somebody who is gone'}`}
      shape="sheet"
      isOpen
      onClose={leave}
      className="w-200"
      footer={
        isPublished ? (
          <Button look="primary" onClick={leave}>
            Done
          </Button>
        ) : isAdmin ? (
          <Decide {...{ params, proposal, publication, onClose }} />
        ) : undefined
      }
    >
      <div className="flex flex-col gap-3">
        <p className="break-words">{proposal.comment}</p>
        <ActionProblem failure={publication.failure} />
        <PublicationTouch publication={publication} />
        {publication.published === null ? (
          <FetchedContent query={detail} what="the proposal">
            {({ difference, unified, state }) => (
              <>
                {state === 'stale' ? (
                  <Notice severity="warning" title="Something else was published since">
                    It cannot be published any more. Whoever proposed it brings their draft onto what is in
                    force, and proposes it again.
                  </Notice>
                ) : null}
                <DifferenceView difference={difference} />
                <UnifiedText text={unified} />
              </>
            )}
          </FetchedContent>
        ) : (
          <AppliedStrip database={database} epoch={publication.published.epoch} />
        )}
      </div>
    </Dialog>
  );
}

function Decide({
  params,
  proposal,
  publication,
  onClose,
}: {
  readonly params: { readonly database: string; readonly proposal: string };
  readonly proposal: PolicyProposal;
  readonly publication: ReturnType<typeof usePublication>;
  readonly onClose: () => void;
}): ReactNode {
  const me = useStatus().data?.account?.userId ?? null;
  const { run, failure, isBusy } = useAction();
  const [note, setNote] = useState('');
  const isOwn = proposal.author?.id === me;
  const said = note.trim();
  async function close(): Promise<void> {
    const words = isOwn ? 'Withdrawn.' : 'Declined.';
    const isDone = await run(
      async (api) => await api.closePolicyProposal({ params, body: { note: said } }),
      words,
    );
    if (isDone) onClose();
  }
  return (
    <div className="flex w-full flex-wrap items-end gap-2">
      <ActionProblem failure={failure} />
      {isOwn ? (
        <p className="flex-1 text-text-2">Another administrator publishes it.</p>
      ) : (
        <TextField
          label="Why is it declined?"
          className="min-w-56 flex-1"
          maxLength={500}
          value={note}
          onChange={({ target }) => setNote(target.value)}
        />
      )}
      <Button unavailable={isBusy || (!isOwn && said === '')} onClick={() => void close()}>
        {isOwn ? 'Withdraw' : 'Decline'}
      </Button>
      {isOwn ? null : (
        <Button
          look="primary"
          unavailable={publication.isBusy || publication.waiting !== null || proposal.state === 'stale'}
          onClick={() =>
            void publication.publish(
              { kind: 'proposal', proposal: proposal.id },
              async (api) => await api.publishPolicyProposal({ params }),
            )
          }
        >
          Publish
        </Button>
      )}
    </div>
  );
}
