import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Database, LocalAddress } from '../../ipc/schema.ts';
import { useCapabilities } from '../bridge/bridge-context.ts';
import { useConnectionDetails } from '../bridge/use-engine-data.ts';
import { useChangeSettings, useSettings } from '../bridge/use-settings.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { useShortcuts } from '../shell/shortcuts/use-shortcuts.ts';
import { Button } from '../ui/button.tsx';
import { Section } from '../ui/page.tsx';
import { Select } from '../ui/select.tsx';
import { ClientFiles } from './client-files.tsx';
import { findFormat, formatsFor, passwordShown } from './connection-formats.ts';
import { useCopyConnection } from './copy-secret.ts';
import { OpenInTool } from './open-in-tool.tsx';

export interface FormatListProps {
  readonly database: Database;
  readonly local: LocalAddress;
}

/** What to paste into a program, with the very text that Copy takes. */
export function FormatList({ database, local }: FormatListProps): ReactNode {
  const { connections } = useSettings();
  const change = useChangeSettings();
  const announce = useAnnounce();
  const copyConnection = useCopyConnection();
  const { tray } = useCapabilities();
  const { name } = database;
  const hasPassword = useConnectionDetails(database.id).data?.hasLocalPassword === true;
  const offered = formatsFor(local, hasPassword);
  const usual = findFormat(connections.copyFormat, offered);
  const [chosen, setChosen] = useState(usual.id);
  const format = findFormat(chosen, offered);
  const comment = connections.copyComment ? `# ${name.replaceAll(/[\r\n]/g, ' ')}, recorded\n` : '';
  async function copy(): Promise<void> {
    try {
      await copyConnection({ format, address: local, comment });
      announce(`Copied ${format.label} for ${name}.`);
    } catch {
      announce('The browser did not allow copying.');
    }
  }
  useShortcuts({ copyConnection: () => void copy() });
  return (
    <Section title="Connect with">
      <div className="flex flex-col gap-2">
        <Select
          label="Program or library"
          isLabelHidden
          className="w-64"
          value={format.id}
          options={offered.map(({ id, label }) => ({
            value: id,
            label,
            ...(id === usual.id ? { detail: 'usual' } : {}),
          }))}
          onChange={setChosen}
        />
        <pre className="rounded-control border border-border bg-sunken p-2 font-data text-12 break-all whitespace-pre-wrap">
          {`${comment}${format.write(local, hasPassword ? passwordShown : null) ?? ''}`}
        </pre>
        <div className="flex gap-2">
          <Button look="primary" onClick={() => void copy()}>
            Copy
          </Button>
          {format.id === usual.id ? null : (
            <Button onClick={() => void change({ connections: { ...connections, copyFormat: format.id } })}>
              Set as usual
            </Button>
          )}
        </div>
        {hasPassword ? (
          <p className="text-12 text-text-2">
            Copy puts the password of the local ports in place of “{passwordShown}”.
            {tray ? ' It leaves the clipboard after a minute.' : ''}
          </p>
        ) : null}
        <OpenInTool database={database} local={local} />
        <ClientFiles database={database} hasPassword={hasPassword} />
        <p className="text-12 text-text-2">
          sslmode=disable is about this hop only, which never leaves the machine; the way to the agent is
          encrypted.
        </p>
      </div>
    </Section>
  );
}
