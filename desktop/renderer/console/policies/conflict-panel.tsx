import type { MergeConflict, PolicyDraftView } from '@daam/shared/api/policies';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { FetchedContent } from '../../ui/states.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useRead } from '../use-console.ts';
import { ConflictTable } from './conflict-table.tsx';
import type { Take } from './conflict-table.tsx';
import { tableOf } from './conflict-words.ts';
import { DifferenceView } from './difference-view.tsx';

export interface ConflictPanelProps {
  readonly database: string;
  readonly draft: PolicyDraftView;
  readonly onRebased: () => void;
}

/** Something else was published since the draft began: both changes, where they meet, and a decision for each such table. */
export function ConflictPanel({ database, draft, onRebased }: ConflictPanelProps): ReactNode {
  const { run, failure, isBusy } = useAction();
  const [taken, setTaken] = useState<ReadonlyMap<string, Take>>(new Map());
  const query = useRead(
    ['three-way', database, draft.edition],
    async (api) => await api.compareDraftWithOthers({ params: { database } }),
  );
  async function rebase(conflicts: readonly MergeConflict[]): Promise<void> {
    // What nobody decided is not sent: the control plane refuses to guess.
    const decisions = conflicts.flatMap((conflict) => {
      const { policy, part, key } = conflict;
      const take = taken.get(tableOf(conflict));
      return take === undefined ? [] : [{ policy, part, key, take }];
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
                {[...Map.groupBy(conflicts, tableOf)].map(([table, same]) => (
                  <ConflictTable
                    key={table}
                    table={table}
                    conflicts={same}
                    taken={taken.get(table) ?? null}
                    onTake={(take) => setTaken(new Map([...taken, [table, take]]))}
                  />
                ))}
              </>
            )}
            <ActionProblem failure={failure} />
            <div>
              <Button
                look="primary"
                unavailable={isBusy || conflicts.some((conflict) => !taken.has(tableOf(conflict)))}
                onClick={() => void rebase(conflicts)}
              >
                Bring my draft onto revision {current}
              </Button>
            </div>
          </>
        )}
      </FetchedContent>
    </>
  );
}
