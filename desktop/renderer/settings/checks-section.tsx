import { toAppError } from '@daam/shared/errors/app-error';
import type { AppError } from '@daam/shared/errors/app-error';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Check, Result } from '../../ipc/schema.ts';
import { useBridge } from '../bridge/bridge-context.ts';
import { useBridgeQuery, useStatus } from '../bridge/use-engine-data.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { Chip } from '../ui/chip.tsx';
import type { Tone } from '../ui/chip.tsx';
import { Section } from '../ui/page.tsx';
import { Problem } from '../ui/states.tsx';

/** An outcome in a word, with its tone. */
export const checkWords: Readonly<Record<Check['state'], readonly [string, Tone]>> = {
  ok: ['ok', 'ok'],
  warning: ['look', 'warn'],
  failed: ['failed', 'bad'],
  skipped: ['skipped', 'neutral'],
};

/** The version, and checks of this machine with a report to be copied; there are no secrets in it. */
export function ChecksSection(): ReactNode {
  const version = useStatus().data?.version ?? '';
  return (
    <Section title="Diagnostics">
      <p className="mb-2 text-text-2">Version {version}</p>
      <Logs />
      <Checks database={null} />
    </Section>
  );
}

/** Where the log is. It has codes and counts, no statements or values, and is shown by the system. */
function Logs(): ReactNode {
  const bridge = useBridge();
  const announce = useAnnounce();
  const logs = useLogs();
  if (logs === undefined || logs.folder === null) return null;
  const open = async (): Promise<void> => {
    const { isOpen } = await bridge.call('openLogs', {}).catch(() => ({ isOpen: false }));
    announce(isOpen ? 'Opened the folder.' : 'The folder could not be opened.');
  };
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <span className="text-text-2">Logs</span>
      <code className="min-w-0 font-data text-12 break-all">{logs.folder}</code>
      {logs.canOpen ? <Button onClick={() => void open()}>Open the folder</Button> : null}
    </div>
  );
}

function useLogs(): Result<'describeLogs'> | undefined {
  return useBridgeQuery(['logs'], 'describeLogs', {}).data;
}

/** Checks of one database, or (null) of this machine. */
export function Checks({ database }: { readonly database: string | null }): ReactNode {
  const bridge = useBridge();
  const announce = useAnnounce();
  const [found, setFound] = useState<Result<'runChecks'> | null>(null);
  const [isRunning, setRunning] = useState(false);
  const [failure, setFailure] = useState<AppError | null>(null);
  const folder = useLogs()?.folder ?? null;
  async function run(): Promise<void> {
    setRunning(true);
    setFailure(null);
    try {
      setFound(await bridge.call('runChecks', { database }));
    } catch (thrown) {
      setFailure(toAppError(thrown));
    } finally {
      setRunning(false);
    }
  }
  async function copy(report: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(folder === null ? report : `${report}logs: ${folder}\n`);
      announce('Copied the report.');
    } catch {
      announce('The browser did not allow copying.');
    }
  }
  return (
    <div className="flex flex-col items-start gap-2">
      <div className="flex gap-2">
        <Button unavailable={isRunning} onClick={() => void run()}>
          {isRunning ? 'Checking…' : 'Run the checks'}
        </Button>
        {found === null ? null : <Button onClick={() => void copy(found.report)}>Copy report</Button>}
      </div>
      {failure === null ? null : <Problem error={failure} />}
      {found === null ? null : <CheckList checks={found.checks} />}
    </div>
  );
}

/** Checks with their outcome in a word, and what to do. */
export function CheckList({ checks }: { readonly checks: readonly Check[] }): ReactNode {
  return (
    <ul aria-label="Checks" className="w-full">
      {checks.map((check) => (
        <li
          key={check.id}
          className="grid grid-cols-[4.5rem_9rem_minmax(0,1fr)] gap-x-2 border-b border-border py-1.5 max-narrow:grid-cols-[4.5rem_minmax(0,1fr)]"
        >
          <span>
            <Chip tone={checkWords[check.state][1]}>{checkWords[check.state][0]}</Chip>
          </span>
          <span className="font-medium">{check.label}</span>
          <span className="text-text-2 max-narrow:col-span-2">{check.message}</span>
        </li>
      ))}
    </ul>
  );
}
