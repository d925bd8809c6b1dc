import type { MergeConflict, PolicyDraftView } from '@daam/shared/api/policies';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { FetchedContent } from '../../ui/states.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useRead } from '../use-console.ts';
import { DifferenceView } from './difference-view.tsx';

export interface ConflictPanelProps {
  readonly database: string;
  readonly draft: PolicyDraftView;
  readonly onRebased: () => void;
}

type Take = 'mine' | 'theirs';

/** Something else was published since the draft began: both changes, where they meet, and a decision for each such place. */
export function ConflictPanel({ database, draft, onRebased }: ConflictPanelProps): ReactNode {
  const { run, failure, isBusy } = useAction();
  const [taken, setTaken] = useState<ReadonlyMap<string, Take>>(new Map());
  const query = useRead(
    ['three-way', database, draft.edition],
    async (api) => await api.compareDraftWithOthers({ params: { database } }),
  );
  async function rebase(conflicts: readonly MergeConflict[]): Promise<void> {
    const decisions = conflicts.map((conflict) => {
      const { policy, part, key } = conflict;
      return { policy, part, key, take: taken.get(keyOf(conflict)) ?? ('mine' as const) };
    });
    const isDone = await run(
      async (api) =>
        await api.rebasePolicyDraft({ params: { database }, body: { edition: draft.edition, decisions } }),
      'Your draft is on top of what is in force now. Review it once more.',
    );
    if (isDone) onRebased();
  }
  return (
    <>
      <Notice severity="warning" title="Something else was published since your draft began">
        Bring your draft onto what is in force now, then review it again. Nothing is lost.
      </Notice>
      <FetchedContent query={query} what="both changes">
        {({ mine, theirs, conflicts, base, current }) => (
          <>
            <h3 className="font-medium">
              Published meanwhile (revision {base} → {current})
            </h3>
            <DifferenceView difference={theirs} />
            <h3 className="font-medium">Your draft</h3>
            <DifferenceView difference={mine} />
            {conflicts.length === 0 ? (
              <p>The two do not touch the same things.</p>
            ) : (
              <>
                <h3 className="font-medium">Both changed this</h3>
                <ul className="flex flex-col gap-2">
                  {conflicts.map((conflict) => (
                    <li key={keyOf(conflict)} className="flex flex-wrap items-center gap-2">
                      <span className="min-w-0 flex-1 break-words">
                        {conflict.policy}: {conflict.part} {conflict.key}
                      </span>
                      <Segmented<Take>
                        label={`${conflict.part} ${conflict.key}`}
                        value={taken.get(keyOf(conflict)) ?? 'mine'}
                        options={[
                          { value: 'mine', label: 'Mine' },
                          { value: 'theirs', label: 'Theirs' },
                        ]}
                        onChange={(take) => setTaken(new Map([...taken, [keyOf(conflict), take]]))}
                      />
                    </li>
                  ))}
                </ul>
              </>
            )}
            <ActionProblem failure={failure} />
            <div>
              <Button look="primary" unavailable={isBusy} onClick={() => void rebase(conflicts)}>
                Bring my draft onto revision {current}
              </Button>
            </div>
          </>
        )}
      </FetchedContent>
    </>
  );
}

function keyOf({ policy, part, key }: MergeConflict): string {
  return JSON.stringify([policy, part, key]);
}
