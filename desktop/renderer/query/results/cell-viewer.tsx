import { toAppError } from '@daam/shared/errors/app-error';
import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { ResultColumn } from '../../../ipc/schema.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useAnnounce } from '../../shell/announcer.tsx';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Problem } from '../../ui/states.tsx';
import { hexDump, toBase64 } from './cell/bytes.ts';
import { formOf } from './cell/cell-form.ts';
import type { CellForm } from './cell/cell-form.ts';
import { JsonView } from './cell/json-view.tsx';
import { findPlaces, TextView } from './cell/text-view.tsx';

export interface CellViewerProps {
  readonly result: string;
  readonly view: string | null;
  readonly row: number;
  readonly column: number;
  readonly shown: ResultColumn;
  readonly onCopy: (text: string) => void;
  readonly onClose: () => void;
}

/** Bytes that are shown; all of them can be saved. */
const maxShownBytes = 65_536;

type Look = 'tree' | 'text' | 'hex' | 'base64';

const looks: Readonly<Record<CellForm['kind'], readonly { readonly value: Look; readonly label: string }[]>> =
  {
    text: [],
    tree: [
      { value: 'tree', label: 'Tree' },
      { value: 'text', label: 'Text' },
    ],
    list: [
      { value: 'tree', label: 'List' },
      { value: 'text', label: 'Text' },
    ],
    bytes: [
      { value: 'hex', label: 'Hex' },
      { value: 'base64', label: 'Base64' },
      { value: 'text', label: 'Text' },
    ],
  };

/** One value whole: long text that can be searched, JSON and arrays with their structure, bytes as hex or base64. */
export function CellViewer(props: CellViewerProps): ReactNode {
  const { result, view, row, column, shown, onCopy, onClose } = props;
  const bridge = useBridge();
  const cell = useQuery({
    queryKey: ['cell', result, view, row, column],
    queryFn: () => bridge.call('readCell', { result, view, row, column, from: 0 }),
    gcTime: 0,
  });
  return (
    <aside aria-label="Cell" data-values="" className="flex min-h-0 flex-1 flex-col border-l border-border">
      <div className="flex items-center gap-2 border-b border-border px-3 py-1">
        <h2 className="min-w-0 flex-1 truncate font-medium">
          {shown.name}, row {(row + 1).toLocaleString()}
        </h2>
        <IconButton icon={X} label="Close the cell" onClick={onClose} />
      </div>
      {shown.shows === 'plain' ? null : (
        <p className="px-3 py-1 text-12 text-mask">⊘ Masked: there is nothing more to show.</p>
      )}
      {cell.isError ? (
        <div className="p-3">
          <Problem error={cell.error} />
        </div>
      ) : null}
      {cell.data === undefined ? null : (
        <Value
          key={`${row} ${column}`}
          {...cell.data}
          shown={shown}
          onCopy={onCopy}
          onSave={async () => (await bridge.call('saveCell', { result, view, row, column })).file}
        />
      )}
    </aside>
  );
}

interface ValueProps {
  readonly value: string | null;
  readonly length: number;
  readonly next: number | null;
  readonly shown: ResultColumn;
  readonly onCopy: (text: string) => void;
  readonly onSave: () => Promise<string>;
}

function Value({ value, length, next, shown, onCopy, onSave }: ValueProps): ReactNode {
  const announce = useAnnounce();
  const [isWrapped, setWrapped] = useState(true);
  const [search, setSearch] = useState('');
  const [current, setCurrent] = useState(0);
  const form = useMemo(() => formOf(value ?? '', shown, next === null), [value, shown, next]);
  const [look, setLook] = useState<Look>(looks[form.kind][0]?.value ?? 'text');
  const text = useMemo(() => textOf(value, form, look), [value, form, look]);
  const places = useMemo(() => findPlaces(text ?? '', search), [text, search]);
  const isTree = look === 'tree' && (form.kind === 'tree' || form.kind === 'list');

  async function save(): Promise<void> {
    try {
      announce(`Saved as ${await onSave()}.`);
    } catch (thrown) {
      announce(toAppError(thrown).message);
    }
  }

  return (
    <>
      <div className="flex flex-wrap items-center gap-2 px-3 py-1">
        {looks[form.kind].length === 0 ? null : (
          <Segmented label="Show the value as" value={look} options={looks[form.kind]} onChange={setLook} />
        )}
        <Button unavailable={value === null} onClick={() => onCopy(text ?? '')}>
          Copy
        </Button>
        <Button unavailable={value === null} onClick={() => void save()}>
          Save to a file
        </Button>
        {isTree ? null : <Checkbox label="Wrap" checked={isWrapped} onChange={setWrapped} />}
        <span className="text-12 text-text-2">{sizeWords(form, length, next)}</span>
      </div>
      <div className="flex items-center gap-2 px-3 pb-1">
        <input
          type="search"
          aria-label="Search the value"
          placeholder="Search the value"
          value={search}
          onChange={({ target }) => {
            setSearch(target.value);
            setCurrent(0);
          }}
          onKeyDown={({ key, shiftKey }) => {
            if (key === 'Enter' && places.length > 0)
              setCurrent((current + (shiftKey ? -1 : 1) + places.length) % places.length);
          }}
          className="h-7 min-w-0 flex-1 rounded-control border border-control bg-surface px-2"
        />
        {search === '' || isTree ? null : (
          <output className="text-12 whitespace-nowrap text-text-2">
            {places.length === 0 ? 'None' : `${current + 1} of ${places.length.toLocaleString()}`}
          </output>
        )}
      </div>
      {isTree ? (
        <JsonView
          column={shown.name}
          root={form.root}
          isArray={form.kind === 'list'}
          search={search}
          onCopy={onCopy}
        />
      ) : (
        <TextView
          label={`Value of ${shown.name}`}
          text={text}
          isWrapped={isWrapped && look !== 'hex'}
          places={places}
          current={current}
          length={search.length}
        />
      )}
    </>
  );
}

function textOf(value: string | null, form: CellForm, look: Look): string | null {
  if (form.kind !== 'bytes' || value === null || look === 'text') return value;
  return look === 'base64' ? toBase64(form.bytes) : hexDump(form.bytes, maxShownBytes);
}

function sizeWords(form: CellForm, length: number, next: number | null): string {
  if (form.kind !== 'bytes')
    return `${length.toLocaleString()} characters${next === null ? '' : ', the beginning is shown'}`;
  const { length: bytes } = form.bytes;
  return `${bytes.toLocaleString()} bytes${bytes > maxShownBytes ? ', the beginning is shown as hex' : ''}`;
}
