import { toAppError } from '@daam/shared/errors/app-error';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { AppError } from '@daam/shared/errors/app-error';
import type { ExportFormat, Params, QueryResult } from '../../../ipc/schema.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { Problem } from '../../ui/states.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useQueryStore } from '../query-store.ts';

type Delimiter = Params<'startExport'>['delimiter'];

const formats: readonly { readonly value: ExportFormat; readonly label: string }[] = [
  { value: 'csv', label: 'CSV' },
  { value: 'tsv', label: 'TSV' },
  { value: 'json', label: 'JSON' },
  { value: 'jsonl', label: 'JSON lines' },
  { value: 'insert', label: 'INSERT statements' },
];
const delimiters: readonly { readonly value: Delimiter; readonly label: string }[] = [
  { value: ',', label: 'Comma' },
  { value: ';', label: 'Semicolon' },
  { value: '\t', label: 'Tab' },
  { value: '|', label: 'Bar' },
];

export interface ExportDialogProps {
  readonly result: QueryResult;
  readonly view: string | null;
  readonly onClose: () => void;
}

/** A file written by the engine; what is masked is masked in it too. */
export function ExportDialog({ result, view, onClose }: ExportDialogProps): ReactNode {
  const bridge = useBridge();
  const [format, setFormat] = useState<ExportFormat>('csv');
  const [rows, setRows] = useState<'loaded' | 'all'>('loaded');
  const [delimiter, setDelimiter] = useState<Delimiter>(',');
  const [hasHeader, setHeader] = useState(true);
  const [hasByteOrderMark, setMark] = useState(false);
  const [isDefused, setDefused] = useState(true);
  const [nullText, setNullText] = useState('');
  const [started, setStarted] = useState<string | null>(null);
  const [problem, setProblem] = useState<AppError | null>(null);
  const masked = result.columns.filter(({ shows }) => shows !== 'plain').map(({ name }) => name);

  async function start(): Promise<void> {
    setProblem(null);
    try {
      const created = await bridge.call('startExport', {
        result: result.id,
        view,
        format,
        columns: null,
        rows,
        hasHeader,
        delimiter,
        nullText,
        hasByteOrderMark,
        keepsFormulas: !isDefused,
      });
      useQueryStore.setState(({ exports }) => ({ exports: { [created.id]: created, ...exports } }));
      setStarted(created.id);
    } catch (thrown) {
      setProblem(toAppError(thrown));
    }
  }

  return (
    <Dialog
      title="Export"
      isOpen
      onClose={onClose}
      footer={
        started === null ? (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" unavailable={result.isOutdated} onClick={() => void start()}>
              Export
            </Button>
          </>
        ) : (
          <Button onClick={onClose}>Close</Button>
        )
      }
    >
      {started === null ? (
        <div className="flex flex-col gap-3">
          {result.isOutdated ? (
            <p className="text-warn">The policy changed since: run it again to export what it allows now.</p>
          ) : null}
          <Select label="Format" value={format} options={formats} onChange={setFormat} />
          <Segmented
            label="Rows"
            value={rows}
            options={[
              { value: 'loaded', label: `Loaded rows (${result.rows.toLocaleString()})` },
              { value: 'all', label: 'All rows' },
            ]}
            onChange={setRows}
          />
          {format === 'csv' ? (
            <Select label="Between values" value={delimiter} options={delimiters} onChange={setDelimiter} />
          ) : null}
          {format === 'csv' || format === 'tsv' ? (
            <>
              <TextField
                label="Text for NULL"
                maxLength={32}
                value={nullText}
                isData
                onChange={({ target }) => setNullText(target.value)}
              />
              <div>
                <Checkbox label="Names of columns first" checked={hasHeader} onChange={setHeader} />
                <Checkbox
                  label="Byte order mark, for spreadsheets"
                  checked={hasByteOrderMark}
                  onChange={setMark}
                />
                <Checkbox
                  label="A ' before text that a spreadsheet would calculate"
                  checked={isDefused}
                  onChange={setDefused}
                />
              </div>
            </>
          ) : null}
          {masked.length === 0 ? null : (
            <p className="text-mask">
              ⊘ Exported masked, as shown: {masked.slice(0, 20).join(', ')}
              {masked.length > 20 ? ` and ${masked.length - 20} more` : ''}
            </p>
          )}
          <p className="text-12 text-text-2">The statements behind it are recorded.</p>
          {problem === null ? null : <Problem error={problem} />}
        </div>
      ) : (
        <Progress id={started} />
      )}
    </Dialog>
  );
}

function Progress({ id }: { readonly id: string }): ReactNode {
  const bridge = useBridge();
  const running = useQueryStore(({ exports }) => exports[id]);
  if (running === undefined) return <output>Preparing…</output>;
  const share =
    running.totalRows === null || running.totalRows === 0 ? null : running.rows / running.totalRows;
  return (
    <div className="flex flex-col gap-2">
      <progress
        aria-label="Progress of the export"
        className="w-full accent-accent-solid"
        {...(running.state === 'done' ? { value: 1 } : share === null ? {} : { value: share })}
      />
      <output>
        {{ running: 'Writing', done: 'Written', cancelled: 'Cancelled', failed: 'Failed' }[running.state]}:{' '}
        {running.rows.toLocaleString()} rows, {(running.bytes / 1_000_000).toFixed(1)} MB
      </output>
      <p className="font-data text-12 break-all text-text-2">{running.file}</p>
      {running.error === null ? null : <p className="text-bad">{running.error.message}</p>}
      {running.state === 'running' ? (
        <div>
          <Button onClick={() => void bridge.call('cancelExport', { export: id })}>Cancel export</Button>
        </div>
      ) : null}
    </div>
  );
}
