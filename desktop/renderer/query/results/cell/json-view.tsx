import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../../ui/button.tsx';
import { TreeGrid } from '../../../ui/tree-grid.tsx';
import { jsonRows, maxRows, sqlPath, valueText } from './json-rows.ts';
import type { JsonRow } from './json-rows.ts';
import type { JsonNode } from './parse-json.ts';
import { toggled } from '../../../ui/toggled.ts';

export interface JsonViewProps {
  readonly column: string;
  readonly root: JsonNode;
  /** Elements of an array of the server, which counts from 1. */
  readonly isArray: boolean;
  readonly search: string;
  readonly onCopy: (text: string) => void;
}

/** JSON, or an array, as a tree that keys walk; a place is copied as PostgreSQL reads it. */
export function JsonView({ column, root, isArray, search, onCopy }: JsonViewProps): ReactNode {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [selected, setSelected] = useState<string | null>(null);
  const rows = useMemo(() => jsonRows(root, folded, search), [root, folded, search]);
  const chosen = rows.find(({ id }) => id === selected) ?? rows[0];
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 px-3 pb-1">
        <Button unavailable={chosen === undefined} onClick={() => onCopy(pathOf(column, chosen, isArray))}>
          Copy path
        </Button>
        <Button
          unavailable={chosen === undefined}
          onClick={() => onCopy(chosen === undefined ? '' : valueText(chosen.node))}
        >
          Copy this value
        </Button>
        <code className="min-w-0 truncate font-data text-11 text-text-2">
          {pathOf(column, chosen, isArray)}
        </code>
      </div>
      <div className="min-h-0 flex-1 overflow-auto font-data text-12">
        {rows.length === 0 ? (
          <p className="px-3 py-2 font-ui text-text-2">Nothing matches.</p>
        ) : (
          <TreeGrid
            label={`Value of ${column}`}
            rows={rows.map((row) => ({ ...row, value: row }))}
            selected={chosen?.id ?? null}
            onSelect={setSelected}
            onToggle={(id) => setFolded((all) => toggled(all, id))}
            columns={[
              { id: 'name', header: 'Key', render: (row) => nameOf(row, isArray) },
              { id: 'value', header: 'Value', className: 'break-all', render: (row) => row.shown },
            ]}
          />
        )}
        {rows.length >= maxRows ? (
          <p className="px-3 py-2 text-text-2">
            The first {maxRows.toLocaleString()} rows are shown: fold, search, or look at the text.
          </p>
        ) : null}
      </div>
    </>
  );
}

function nameOf({ path, name }: JsonRow, isArray: boolean): string {
  const last = path.at(-1);
  if (last === undefined) return 'Whole';
  return isArray && typeof last === 'number' ? String(last + 1) : name;
}

function pathOf(column: string, row: JsonRow | undefined, isArray: boolean): string {
  if (row === undefined) return '';
  const [first] = row.path;
  if (!isArray || typeof first !== 'number') return sqlPath(column, row.path, row.kind);
  return `${sqlPath(column, [], 'array')}[${first + 1}]`;
}
