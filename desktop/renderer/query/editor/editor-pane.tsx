import { useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react';
import type { ReactNode, Ref } from 'react';
import type { DatabaseObjects, EditorTab, Settings } from '../../../ipc/schema.ts';
import { changeTab } from '../query-store.ts';
import { createSqlEditor } from './sql-editor.ts';
import type { SqlEditor } from './sql-editor.ts';

/** Milliseconds after the last key until the text goes into the store. */
const typingPause = 200;

export interface EditorPaneProps {
  readonly tab: EditorTab;
  readonly openTabs: readonly string[];
  readonly objects: DatabaseObjects | null;
  readonly settings: Settings['editor'];
  readonly onCursor: (cursor: {
    readonly line: number;
    readonly column: number;
    readonly hasSelection: boolean;
  }) => void;
  readonly ref?: Ref<SqlEditor | null>;
}

/** The editor of the active tab. One editor serves all tabs; each keeps its own undo history. */
export function EditorPane(props: EditorPaneProps): ReactNode {
  const { tab, openTabs, objects, settings } = props;
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<SqlEditor | null>(null);
  const latest = useRef(props);
  const [pending] = useState<{ timer: ReturnType<typeof setTimeout> | null; tab: string | null }>(() => ({
    timer: null,
    tab: null,
  }));
  useEffect(() => {
    latest.current = props;
  });

  useLayoutEffect(() => {
    if (host.current === null) return undefined;
    const keep = (): void => {
      if (pending.timer !== null) clearTimeout(pending.timer);
      pending.timer = null;
      const shown = editor.current;
      if (shown === null || pending.tab === null) return;
      changeTab(pending.tab, { sql: shown.text(), cursor: shown.cursor(), scroll: shown.scroll() });
      pending.tab = null;
    };
    const created = createSqlEditor({
      host: host.current,
      label: 'SQL',
      onCursor: (cursor) => latest.current.onCursor(cursor),
      onChange: () => {
        pending.tab = latest.current.tab.id;
        if (pending.timer !== null) clearTimeout(pending.timer);
        pending.timer = setTimeout(keep, typingPause);
      },
    });
    editor.current = created;
    window.addEventListener('pagehide', keep);
    return () => {
      keep();
      window.removeEventListener('pagehide', keep);
      created.dispose();
      editor.current = null;
    };
  }, [pending]);

  useEffect(() => {
    const shown = editor.current;
    if (shown === null) return;
    if (pending.tab !== null && pending.tab !== tab.id) {
      changeTab(pending.tab, { sql: shown.text(), cursor: shown.cursor(), scroll: shown.scroll() });
      pending.tab = null;
    }
    shown.open({ id: tab.id, text: tab.sql, cursor: tab.cursor, scroll: tab.scroll });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the editor has the text from then on
  }, [tab.id, pending]);
  useEffect(() => editor.current?.setObjects(objects), [objects]);
  useEffect(() => editor.current?.setOptions(settings), [settings]);
  useEffect(() => editor.current?.keepOnly(new Set(openTabs)), [openTabs]);
  useImperativeHandle<SqlEditor | null, SqlEditor | null>(props.ref, () => editor.current, []);

  return <div ref={host} data-editor className="min-h-0 flex-1 overflow-hidden" />;
}
