import type { ReactNode } from 'react';
import type { Diagnostic, Run, StatementState } from '../../../ipc/schema.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import type { Tone } from '../../ui/chip.tsx';
import { Notice } from '../../ui/notice.tsx';
import { duration } from '../../ui/time.ts';
import { checkOf, wasLost } from '../lost-words.ts';

export interface MessagesProps {
  readonly run: Run;
  /** The text that was run. */
  readonly sql: string;
  readonly onGoTo: (from: number, to: number) => void;
  readonly onRequest: (table: string, column: string | null) => void;
  readonly onCopy: (text: string) => void;
  /** Opens a text beside this one; nothing is run. */
  readonly onCheck: (sql: string) => void;
}

const words: Readonly<Record<StatementState['state'], readonly [string, Tone]>> = {
  waiting: ['Waiting', 'neutral'],
  running: ['Running', 'neutral'],
  done: ['Done', 'ok'],
  failed: ['Failed', 'bad'],
  cancelled: ['Cancelled', 'warn'],
  skipped: ['Not run', 'neutral'],
  unknown: ['Not known', 'warn'],
};

/** Every statement of a run: its tag, rows, time, notices and error. */
export function Messages({ run, sql, onGoTo, onRequest, onCopy, onCheck }: MessagesProps): ReactNode {
  return (
    <ol className="min-h-0 flex-1 overflow-y-auto">
      {run.statements.map((statement) => (
        <li key={`${statement.from}-${statement.to}`} className="border-b border-border px-4 py-2">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Chip tone={words[statement.state][1]}>{words[statement.state][0]}</Chip>
            <button
              type="button"
              onClick={() => onGoTo(statement.from, statement.to)}
              className="min-h-6 min-w-0 flex-1 truncate text-left font-data text-12 hover:underline"
            >
              {sql.slice(statement.from, statement.from + 200).replaceAll(/\s+/g, ' ') || 'Statement'}
            </button>
            <span className="text-12 text-text-2">
              {[
                statement.tag,
                statement.rows > 0 ? `${statement.rows.toLocaleString()} rows` : null,
                statement.tookMs === null ? null : duration(statement.tookMs),
              ]
                .filter((part) => part !== null)
                .join(' · ')}
            </span>
          </div>
          {statement.notices.map((notice, index) => (
            // eslint-disable-next-line react/no-array-index-key -- notices have no id and are only appended
            <p key={index} className="mt-1 text-12 text-text-2">
              {notice.severity}: {notice.message}
            </p>
          ))}
          {wasLost(run, statement) ? (
            <div className="mt-2">
              <Notice severity="warning" title="Connection lost; nothing was changed">
                Run it again.
              </Notice>
            </div>
          ) : statement.error === null || statement.state === 'unknown' ? null : (
            <div className="mt-2">
              <ErrorCard
                error={statement.error}
                sql={sql}
                onGoTo={onGoTo}
                onRequest={onRequest}
                onCopy={onCopy}
              />
            </div>
          )}
          {statement.state === 'unknown' ? (
            <div className="mt-2">
              <Unknown
                statement={sql.slice(statement.from, statement.to)}
                onCopy={onCopy}
                onCheck={onCheck}
              />
            </div>
          ) : null}
        </li>
      ))}
    </ol>
  );
}

export interface ErrorCardProps extends Omit<MessagesProps, 'run' | 'onCheck'> {
  readonly error: Diagnostic;
}

/** What the server or the agent said, where it is in the text, and the way on: go there, or ask for access. */
export function ErrorCard({ error, sql, onGoTo, onRequest, onCopy }: ErrorCardProps): ReactNode {
  const { position, table } = error;
  const isDenied = error.sqlstate === '42501';
  const line = position === null ? null : sql.slice(0, position).split('\n').length;
  return (
    <Notice
      severity="problem"
      title={isDenied && table !== null ? `${table} is not granted to you` : error.message}
      code={[error.sqlstate, line === null ? null : `line ${line}`]
        .filter((part) => part !== null)
        .join(' · ')}
      actions={
        <>
          {isDenied ? (
            <Button look="primary" onClick={() => onRequest(table ?? '', error.column)}>
              Request access
            </Button>
          ) : null}
          {position === null ? null : (
            <Button onClick={() => onGoTo(position, wordEnd(sql, position))}>Go to</Button>
          )}
          <Button
            look="quiet"
            onClick={() =>
              onCopy(
                [error.message, error.detail, error.hint, error.sqlstate]
                  .filter((part) => part !== null)
                  .join('\n'),
              )
            }
          >
            Copy details
          </Button>
        </>
      }
    >
      {isDenied && table !== null ? <p>{error.message}</p> : null}
      {error.detail === null ? null : <p>{error.detail}</p>}
      {error.hint === null ? null : <p>{error.hint}</p>}
    </Notice>
  );
}

/** The connection broke while something was written: nobody knows whether it was. Never tried again by itself. */
function Unknown({
  statement,
  onCopy,
  onCheck,
}: { readonly statement: string } & Pick<MessagesProps, 'onCopy' | 'onCheck'>): ReactNode {
  const check = checkOf(statement);
  return (
    <Notice
      severity="problem"
      title="We do not know whether this was applied"
      actions={
        <>
          {check === null ? null : (
            <Button look="primary" onClick={() => onCheck(check)}>
              Check query
            </Button>
          )}
          <Button onClick={() => onCopy(statement)}>Copy statement</Button>
        </>
      }
    >
      The connection was lost before the answer came. Look at the rows that it would have changed before you
      run it again.
    </Notice>
  );
}

/** The end of the word at a place, so that something is underlined. */
export function wordEnd(sql: string, from: number): number {
  const rest = /^(?:"[^"]*"|[\w$.]+)/.exec(sql.slice(from, from + 200));
  return from + Math.max(1, rest?.[0].length ?? 1);
}
