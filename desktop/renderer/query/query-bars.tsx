import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Database, Query } from '../../ipc/schema.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/states.tsx';
import { CautionBar, PolicyBar, TransactionBar } from './bars.tsx';
import type { Runner } from './use-runner.ts';

export interface QueryBarsProps {
  readonly query: Query | undefined;
  readonly database: Database | undefined;
  readonly runner: Runner;
  readonly onEndTransaction: (how: 'commit' | 'rollback') => void;
}

/** What has to be seen before the next run: an open transaction, a policy that changed, a question, a failure. */
export function QueryBars({ query, database, runner, onEndTransaction }: QueryBarsProps): ReactNode {
  return (
    <>
      {query === undefined ? null : (
        <>
          <TransactionBar
            query={query}
            isProduction={database?.environment === 'production'}
            onEnd={onEndTransaction}
          />
          <Dismissible key={query.policyChanged?.at ?? ''}>
            {(dismiss) => <PolicyBar query={query} onClose={dismiss} />}
          </Dismissible>
        </>
      )}
      {runner.asked === null ? null : (
        <CautionBar cautions={runner.asked.cautions} onRun={runner.confirm} onClose={runner.dismiss} />
      )}
      {runner.problem === null ? null : (
        <div className="border-b border-border px-2.5 py-1.5">
          <Problem error={runner.problem} actions={<Button onClick={runner.clearProblem}>Dismiss</Button>} />
        </div>
      )}
    </>
  );
}

function Dismissible({ children }: { readonly children: (dismiss: () => void) => ReactNode }): ReactNode {
  const [isShown, setShown] = useState(true);
  return isShown ? children(() => setShown(false)) : null;
}
