/** What stands between the run bar and the text: a question before a run, an open transaction, a policy that changed. */
import type { ReactNode } from 'react';
import type { Caution, Query } from '../../ipc/schema.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { useNow } from '../ui/use-now.ts';
import { moment, span } from '../ui/time.ts';

export interface CautionBarProps {
  readonly cautions: readonly Caution[];
  readonly onRun: () => void;
  readonly onClose: () => void;
}

/** A statement that changes more than it seems: asked once for this text, beside it and not over it. */
export function CautionBar({ cautions, onRun, onClose }: CautionBarProps): ReactNode {
  const isMask = cautions.some(({ kind }) => kind === 'mask-literal');
  return (
    <Bar>
      <Notice
        severity="warning"
        title={isMask ? 'This literal is a mask, not the value' : 'Look again before this runs'}
        actions={
          <>
            <Button look="danger" onClick={onRun}>
              Run anyway
            </Button>
            <Button onClick={onClose}>Edit statement</Button>
          </>
        }
      >
        <ul>
          {cautions.slice(0, 5).map((caution) => (
            <li key={`${caution.from}-${caution.kind}`}>{caution.message}</li>
          ))}
          {cautions.length > 5 ? <li>and {cautions.length - 5} more</li> : null}
        </ul>
      </Notice>
    </Bar>
  );
}

/** An open transaction holds locks: it is always in sight. */
export function TransactionBar({
  query,
  isProduction,
  onEnd,
}: {
  readonly query: Query;
  readonly isProduction: boolean;
  readonly onEnd: (how: 'commit' | 'rollback') => void;
}): ReactNode {
  const now = useNow(10_000);
  const since = query.session.kind === 'open' ? query.session.transactionSince : null;
  if (query.session.kind !== 'open' || query.session.transaction === 'none') return null;
  const isFailed = query.session.transaction === 'failed';
  const open = since === null ? '' : ` for ${span(Date.parse(since), Math.max(now, Date.parse(since)))}`;
  return (
    <Bar>
      <Notice
        severity={isProduction || isFailed ? 'problem' : 'warning'}
        title={isFailed ? 'The transaction failed: only a rollback helps' : `A transaction is open${open}`}
        actions={
          <>
            {isFailed ? null : (
              <Button look="primary" onClick={() => onEnd('commit')}>
                Commit
              </Button>
            )}
            <Button onClick={() => onEnd('rollback')}>Rollback</Button>
          </>
        }
      />
    </Bar>
  );
}

export function PolicyBar({
  query,
  onClose,
}: {
  readonly query: Query;
  readonly onClose: () => void;
}): ReactNode {
  const now = useNow();
  if (query.policyChanged === null) return null;
  return (
    <Bar>
      <Notice
        severity="information"
        title={`The policy changed at ${moment(query.policyChanged.at, now)}`}
        actions={<Button onClick={onClose}>Got it</Button>}
      >
        {query.policyChanged.message}
      </Notice>
    </Bar>
  );
}

function Bar({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className="flex-none border-b border-border px-2.5 py-1.5">{children}</div>;
}
