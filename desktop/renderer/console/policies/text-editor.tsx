import { maskPresets, tableOperations } from '@daam/shared/policy/effective-policy';
import { formatPattern } from '@daam/shared/policy/pattern';
import { useEffect, useEffectEvent, useRef } from 'react';
import type { ReactNode } from 'react';
import type { DraftView } from './draft-saver.ts';
import type { ModelTable } from './table-rows.ts';
import { useSchema } from './use-policies.ts';
import { createYamlEditor, type YamlEditor } from './yaml-editor.ts';

export interface TextEditorProps {
  readonly database: string;
  readonly view: DraftView;
  readonly isReadOnly: boolean;
  readonly onChange: (text: string) => void;
}

const keywords = [
  'database:',
  'policies:',
  'name:',
  'grants:',
  'table:',
  'operations:',
  'masks:',
  'column:',
  'preset:',
  'match:',
  'rowFilters:',
  'where:',
  'operator:',
  'value:',
  'limits:',
  'assign:',
  'users:',
  'groups:',
];

/** More words make completion slow and help nobody. */
const maxWords = 4_000;

/** The document as text; its comments stay. */
export function TextEditor({ database, view, isReadOnly, onChange }: TextEditorProps): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<YamlEditor | null>(null);
  const tables = useSchema(database).data?.received?.tables ?? [];
  const tell = useEffectEvent(onChange);
  const words = useEffectEvent(() => wordsOf(tables));
  const start = useEffectEvent(() => view.text);

  useEffect(() => {
    if (host.current === null) return undefined;
    const made = createYamlEditor({
      host: host.current,
      label: `Policies of ${database} as text`,
      text: start(),
      isReadOnly,
      words: () => words(),
      onChange: (text) => tell(text),
    });
    editor.current = made;
    return () => made.dispose();
  }, [database, isReadOnly]);

  useEffect(() => {
    editor.current?.showProblems(view.problems);
  }, [view.problems]);

  return (
    <div className="flex min-h-96 flex-1 flex-col">
      <div ref={host} className="min-h-0 flex-1" />
      <output className="border-t border-border px-4 py-1.5 text-12 text-text-2">
        {view.problems.length === 0
          ? 'YAML. Comments are kept. Ctrl+Space completes names of tables, columns and presets; Escape, then Tab leaves the editor.'
          : `${view.problems.length} ${view.problems.length === 1 ? 'problem' : 'problems'}`}
      </output>
    </div>
  );
}

function wordsOf(tables: readonly ModelTable[]): string[] {
  const names = tables.flatMap(({ schema, name, columns }) => [
    formatPattern([schema, name]),
    ...columns.map((column) => formatPattern([schema, name, column.name])),
  ]);
  return [...keywords, ...maskPresets, ...tableOperations, ...names].slice(0, maxWords);
}
