/** What follows from a run: its mark in the text, and the words for who does not see it. */
import { useEffect, useRef } from 'react';
import type { Query, QueryResult } from '../../ipc/schema.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import type { SqlEditor } from './editor/sql-editor.ts';
import { wordEnd } from './results/messages.tsx';
import type { SentText } from './use-runner.ts';

/** Underlines where the last run failed. */
export function useProblemMark(options: {
  readonly query: Query | undefined;
  readonly sent: SentText;
  readonly editor: { readonly current: SqlEditor | null };
}): void {
  const { query, sent, editor } = options;
  const position = query?.run?.statements.find(({ error }) => error !== null)?.error?.position ?? null;
  const run = query?.run?.id;
  useEffect(() => {
    if (position === null) return;
    editor.current?.showProblem({ from: sent.from + position, to: sent.from + wordEnd(sent.sql, position) });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once for each run: typing removes the mark
  }, [run, position]);
}

/** Says how a run ended, once. */
export function useRunWords(query: Query | undefined, results: readonly QueryResult[]): void {
  const announce = useAnnounce();
  const run = query?.run ?? null;
  const masked = results.at(-1)?.maskedColumns ?? 0;
  const said = useRef<string | null>(run?.id ?? null);
  const state = run?.state;
  useEffect(() => {
    if (run === null || state === 'running' || state === 'cancelling' || said.current === run.id) return;
    said.current = run.id;
    const rows = run.statements.reduce((sum, statement) => sum + statement.rows, 0).toLocaleString();
    const masks = masked === 0 ? '' : `, ${masked} ${masked === 1 ? 'column' : 'columns'} masked`;
    if (state === 'done') announce(`Done: ${rows} rows${masks}.`);
    else if (state === 'cancelled') announce(`Cancelled, ${rows} rows received.`);
    else announce('It failed: see the messages.');
  }, [announce, run, state, masked]);
}
