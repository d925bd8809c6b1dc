import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { ResultColumn } from '../../../ipc/schema.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Problem } from '../../ui/states.tsx';

export interface CellViewerProps {
  readonly result: string;
  readonly view: string | null;
  readonly row: number;
  readonly column: number;
  readonly shown: ResultColumn;
  readonly onCopy: (text: string) => void;
  readonly onClose: () => void;
}

/** One value whole: long text, JSON with its structure, bytes as hex. */
export function CellViewer(props: CellViewerProps): ReactNode {
  const { result, view, row, column, shown, onCopy, onClose } = props;
  const bridge = useBridge();
  const [isWrapped, setWrapped] = useState(true);
  const cell = useQuery({
    queryKey: ['cell', result, view, row, column],
    queryFn: () => bridge.call('readCell', { result, view, row, column, from: 0 }),
    gcTime: 0,
  });
  const value = cell.data?.value;
  return (
    <aside aria-label="Cell" className="flex min-h-0 flex-1 flex-col border-l border-border">
      <div className="flex items-center gap-2 border-b border-border px-3 py-1">
        <h2 className="min-w-0 flex-1 truncate font-medium">
          {shown.name}, row {(row + 1).toLocaleString()}
        </h2>
        <IconButton icon={X} label="Close the cell" onClick={onClose} />
      </div>
      <div className="flex flex-wrap items-center gap-2 px-3 py-1">
        <Checkbox label="Wrap" checked={isWrapped} onChange={setWrapped} />
        <Button unavailable={value === null || value === undefined} onClick={() => onCopy(value ?? '')}>
          Copy
        </Button>
        {cell.data === undefined ? null : (
          <span className="text-12 text-text-2">
            {cell.data.length.toLocaleString()} characters
            {cell.data.next === null ? '' : ', the beginning is shown'}
          </span>
        )}
      </div>
      {shown.shows === 'plain' ? null : (
        <p className="px-3 py-1 text-12 text-mask">⊘ Masked: there is nothing more to show.</p>
      )}
      {cell.isError ? (
        <div className="p-3">
          <Problem error={cell.error} />
        </div>
      ) : null}
      <pre
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable
        tabIndex={0}
        aria-label={`Value of ${shown.name}`}
        className={`min-h-0 flex-1 overflow-auto px-3 py-2 font-data text-12 ${isWrapped ? 'break-words whitespace-pre-wrap' : ''}`}
      >
        {value === null ? (
          <em className="text-text-3">NULL</em>
        ) : value === undefined ? (
          ''
        ) : (
          pretty(value, shown)
        )}
      </pre>
    </aside>
  );
}

/** JSON indented, as long as that keeps every digit; everything else as it is. */
function pretty(value: string, { kind }: ResultColumn): string {
  if (kind !== 'json' || value.length > 200_000) return value;
  try {
    const parsed: unknown = JSON.parse(value);
    const text = JSON.stringify(parsed, null, 2);
    // A number that a double cannot hold would be shown changed.
    return JSON.stringify(parsed) === value.replaceAll(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/g, '') ? text : value;
  } catch {
    return value;
  }
}
