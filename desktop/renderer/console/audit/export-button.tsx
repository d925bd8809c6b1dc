import type { ExportQuery } from '@daam/shared/api/routes/audit';
import { type AppError, toAppError } from '@daam/shared/errors/app-error';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useCapabilities } from '../../bridge/bridge-context.ts';
import { useAnnounce } from '../../shell/announcer.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Problem } from '../../ui/states.tsx';
import { CopyBlock } from '../copy-block.tsx';
import { downloadExport, exportCommand } from './download-export.ts';

export type ExportFilter = Partial<Omit<ExportQuery, 'format'>>;

/** Export of the audit: a download in a browser, a command line in the app. */
export function ExportButton({
  query,
  label,
}: {
  readonly query: ExportFilter;
  readonly label: string;
}): ReactNode {
  const announce = useAnnounce();
  const { tunnel } = useCapabilities();
  const [failure, setFailure] = useState<AppError | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isTold, setTold] = useState(false);
  async function download(format: 'jsonl' | 'csv'): Promise<void> {
    setBusy(true);
    setFailure(null);
    try {
      announce(`Exported as ${await downloadExport({ ...query, format })}.`);
    } catch (thrown) {
      setFailure(toAppError(thrown));
    } finally {
      setBusy(false);
    }
  }
  if (tunnel) {
    return (
      <>
        <Button onClick={() => setTold(true)}>{label}</Button>
        <Dialog title={label} isOpen={isTold} onClose={() => setTold(false)}>
          <p>The command line writes the export to a file, where it can be verified:</p>
          <CopyBlock label="Command" text={exportCommand(query)} />
        </Dialog>
      </>
    );
  }
  return (
    <>
      <Menu
        align="end"
        trigger={<Button unavailable={isBusy}>{isBusy ? 'Exporting…' : label}</Button>}
        items={[
          {
            id: 'jsonl',
            label: 'JSON lines',
            detail: 'With every hash: daam audit verify checks it anywhere',
            onSelect: () => void download('jsonl'),
          },
          {
            id: 'csv',
            label: 'CSV',
            detail: 'To be read in a spreadsheet',
            onSelect: () => void download('csv'),
          },
        ]}
      />
      {failure === null ? null : <Problem error={failure} />}
    </>
  );
}
