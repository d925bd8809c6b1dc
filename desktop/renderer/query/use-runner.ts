/** Running what is in the editor: what is sent, what is asked first, and where errors belong in the text. */
import { toAppError } from '@daam/shared/errors/app-error';
import type { AppError } from '@daam/shared/errors/app-error';
import { useState } from 'react';
import type { RefObject } from 'react';
import type { Caution, EditorTab, Params } from '../../ipc/schema.ts';
import { useBridge } from '../bridge/bridge-context.ts';
import { useSettings } from '../bridge/use-settings.ts';
import type { SqlEditor } from './editor/sql-editor.ts';

type Mode = Params<'runQuery'>['mode'];

export interface SentText {
  readonly sql: string;
  /** Where it begins in the tab's text. */
  readonly from: number;
}

interface Asked extends SentText {
  readonly tab: string;
  readonly mode: Mode;
  readonly keep: boolean;
  readonly cautions: readonly Caution[];
}

export interface Runner {
  readonly run: (what: 'current' | 'all', mode: Mode, keepResults?: boolean) => void;
  /** The text of the last run of a tab; what the engine says of places counts from it. */
  readonly sentOf: (tab: string) => SentText;
  readonly asked: Asked | null;
  readonly confirm: () => void;
  readonly dismiss: () => void;
  readonly problem: AppError | null;
  readonly clearProblem: () => void;
  readonly setProblem: (thrown: unknown) => void;
}

const nothing: SentText = { sql: '', from: 0 };

export function useRunner(tab: EditorTab | undefined, editor: RefObject<SqlEditor | null>): Runner {
  const bridge = useBridge();
  const { confirmRisky, stopOnError } = useSettings().editor;
  const [sent, setSent] = useState<ReadonlyMap<string, SentText>>(new Map());
  const [asked, setAsked] = useState<Asked | null>(null);
  const [problem, setProblem] = useState<AppError | null>(null);

  async function send(
    text: SentText,
    mode: Mode,
    options: { confirmed: boolean; keep: boolean },
  ): Promise<void> {
    if (tab === undefined || tab.database === null || text.sql.trim() === '') return;
    setProblem(null);
    setAsked(null);
    editor.current?.showProblem(null);
    performance.mark('query:run');
    const before = sent.get(tab.id) ?? nothing;
    // First: what the engine says of the run may come before its answer.
    setSent((all) => new Map(all).set(tab.id, text));
    try {
      const answer = await bridge.call('runQuery', {
        tab: tab.id,
        database: tab.database,
        sql: text.sql,
        mode,
        transaction: tab.transaction,
        stopOnError,
        keepResults: options.keep,
        confirmed: options.confirmed || !confirmRisky,
      });
      if (answer.kind === 'started') return;
      setSent((all) => new Map(all).set(tab.id, before));
      setAsked({ ...text, tab: tab.id, mode, keep: options.keep, cautions: answer.cautions });
    } catch (thrown) {
      setSent((all) => new Map(all).set(tab.id, before));
      setProblem(toAppError(thrown));
    }
  }

  return {
    run: (what, mode, keepResults = false) => {
      const shown = editor.current;
      if (shown === null) return;
      const text = shown.text();
      const range = what === 'all' ? { from: 0, to: text.length } : shown.toRun();
      if (range === null) return;
      void send({ sql: text.slice(range.from, range.to), from: range.from }, mode, {
        confirmed: false,
        keep: keepResults,
      });
    },
    sentOf: (id) => sent.get(id) ?? nothing,
    asked: asked !== null && asked.tab === tab?.id ? asked : null,
    confirm: () => {
      if (asked !== null) void send(asked, asked.mode, { confirmed: true, keep: asked.keep });
    },
    dismiss: () => {
      setAsked(null);
      editor.current?.focus();
    },
    problem,
    clearProblem: () => setProblem(null),
    setProblem: (thrown) => setProblem(toAppError(thrown)),
  };
}
