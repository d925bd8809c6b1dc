import type { ReactNode } from 'react';
import type { SavedQuery } from '../../../ipc/schema.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { HistoryList } from './history-list.tsx';
import { SavedList } from './saved-list.tsx';
import { SchemaTree } from './schema-tree.tsx';

export type SidePart = 'schema' | 'saved' | 'history';

export interface SidePaneProps {
  readonly part: SidePart;
  readonly onPart: (part: SidePart) => void;
  readonly database: string | null;
  readonly onInsert: (text: string) => void;
  readonly onReplace: (text: string) => void;
  readonly onOpen: (saved: SavedQuery) => void;
}

/** Beside the editor: the schema, saved queries, the history. */
export function SidePane({ part, onPart, database, onInsert, onReplace, onOpen }: SidePaneProps): ReactNode {
  return (
    <aside aria-label="Schema, saved queries and history" className="flex min-h-0 flex-1 flex-col">
      <div className="flex-none border-b border-border p-1.5">
        <Segmented
          label="Beside the editor"
          value={part}
          options={[
            { value: 'schema', label: 'Schema' },
            { value: 'saved', label: 'Saved' },
            { value: 'history', label: 'History' },
          ]}
          onChange={onPart}
        />
      </div>
      {part === 'schema' ? (
        database === null ? (
          <p className="p-3 text-text-2">Choose a database to see its tables.</p>
        ) : (
          <SchemaTree key={database} database={database} onInsert={onInsert} />
        )
      ) : null}
      {part === 'saved' ? <SavedList onOpen={onOpen} /> : null}
      {part === 'history' ? <HistoryList database={database} onInsert={onReplace} /> : null}
    </aside>
  );
}
