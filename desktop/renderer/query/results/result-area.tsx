import { clsx } from 'clsx';
import { Pin, X } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { ReactNode } from 'react';
import type { Query, QueryResult } from '../../../ipc/schema.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { Chip } from '../../ui/chip.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import type { ResultGridHandle } from '../../ui/result-grid/result-grid.tsx';
import type { SentText } from '../use-runner.ts';
import { versionWords } from './mask-words.ts';
import { Messages } from './messages.tsx';
import { ResultPanel } from './result-panel.tsx';

const PlanPanel = lazy(async () => ({ default: (await import('../plan/plan-panel.tsx')).PlanPanel }));

const messagesId = 'messages';

export interface ResultAreaProps {
  readonly query: Query;
  readonly results: readonly QueryResult[];
  readonly sent: SentText;
  readonly gridRef: { current: ResultGridHandle | null };
  readonly onGoTo: (from: number, to: number) => void;
  readonly onRequest: (table: string, column: string | null, isUnmask: boolean) => void;
  readonly onSay: (message: string) => void;
  /** Opens a text in a tab of its own. */
  readonly onCheck: (sql: string) => void;
}

/** What a run gave: a tab for each result, and the messages of all statements. */
export function ResultArea(props: ResultAreaProps): ReactNode {
  const { query, results, sent, gridRef, onGoTo, onRequest, onSay } = props;
  const bridge = useBridge();
  const [chosen, setChosen] = useChosenResult(query, results);
  const result = results.find(({ id }) => id === chosen);
  const { run } = query;
  const messages =
    run?.statements.filter(({ error, notices }) => error !== null || notices.length > 0).length ?? 0;

  async function copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      onSay('Copied.');
    } catch {
      onSay('The browser did not allow copying.');
    }
  }

  return (
    <section aria-label="Results" className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-8 flex-none items-stretch overflow-x-auto border-b border-border bg-app">
        <div role="tablist" aria-label="Results" className="flex">
          {results.map((entry) => (
            <ResultTab
              key={entry.id}
              isChosen={entry.id === chosen}
              onChoose={() => setChosen(entry.id)}
              id={entry.id}
            >
              {entry.name}
              {entry.isOutdated ? <Chip tone="warn">{versionWords(entry) ?? 'older policy'}</Chip> : null}
              {entry.isPinned ? <Pin size={12} aria-label="pinned" /> : null}
            </ResultTab>
          ))}
          {run === null ? null : (
            <ResultTab id={messagesId} isChosen={result === undefined} onChoose={() => setChosen(messagesId)}>
              Messages{messages === 0 ? '' : ` ${messages}`}
            </ResultTab>
          )}
        </div>
        {result === undefined ? null : (
          <span className="flex items-center">
            <IconButton
              icon={Pin}
              label={result.isPinned ? 'Unpin this result' : 'Pin this result'}
              pressed={result.isPinned}
              onClick={() => void bridge.call('pinResult', { result: result.id, isPinned: !result.isPinned })}
            />
            <IconButton
              icon={X}
              label="Close this result"
              onClick={() => void bridge.call('closeResult', { result: result.id })}
            />
          </span>
        )}
      </div>
      <div role="tabpanel" aria-label={result?.name ?? 'Messages'} className="flex min-h-0 flex-1 flex-col">
        {result === undefined ? (
          run === null ? null : (
            <Messages
              run={run}
              sql={sent.sql}
              onGoTo={(from, to) => onGoTo(from + sent.from, to + sent.from)}
              onRequest={(table, column) => onRequest(table, column, false)}
              onCopy={(text) => void copy(text)}
              onCheck={props.onCheck}
            />
          )
        ) : result.kind === 'plan' ? (
          <Suspense>
            <PlanPanel key={result.id} result={result} onCopy={(text) => void copy(text)} />
          </Suspense>
        ) : (
          <ResultPanel
            key={result.id}
            result={result}
            statement={result.run === run?.id ? run.statements[result.statement] : undefined}
            onCopied={onSay}
            onRequestColumn={(relation, column) => onRequest(relation, column, true)}
            gridRef={gridRef}
          />
        )}
      </div>
    </section>
  );
}

/** What a person chose, until a run brings something new: its first result, or the messages when there is none. */
function useChosenResult(query: Query, results: readonly QueryResult[]): [string, (id: string) => void] {
  const { run } = query;
  const firstOfRun = results.find((result) => result.run === run?.id)?.id ?? null;
  const isOver = run !== null && run.state !== 'running' && run.state !== 'cancelling';
  const hasFailed = run?.state === 'failed' || run?.state === 'lost';
  const offered = hasFailed || (isOver && firstOfRun === null) ? messagesId : (firstOfRun ?? null);
  const moment = `${run?.id ?? ''} ${offered ?? ''}`;
  const [chosen, setChosen] = useState({ id: offered ?? results.at(-1)?.id ?? messagesId, moment });
  if (chosen.moment !== moment) setChosen({ id: offered ?? chosen.id, moment });
  return [chosen.id, (id) => setChosen({ id, moment })];
}

function ResultTab({
  id,
  isChosen,
  onChoose,
  children,
}: {
  readonly id: string;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <button
      type="button"
      role="tab"
      data-result={id}
      aria-selected={isChosen}
      tabIndex={isChosen ? 0 : -1}
      onClick={onChoose}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
        const sibling =
          event.key === 'ArrowRight'
            ? event.currentTarget.nextElementSibling
            : event.currentTarget.previousElementSibling;
        if (sibling instanceof HTMLElement) {
          sibling.click();
          sibling.focus();
        }
      }}
      className={clsx(
        'inline-flex items-center gap-1.5 px-3 whitespace-nowrap focus-visible:-outline-offset-2',
        isChosen
          ? 'bg-surface font-medium shadow-[inset_0_-2px_var(--accent)]'
          : 'text-text-2 hover:text-text',
      )}
    >
      {children}
    </button>
  );
}
