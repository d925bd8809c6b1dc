import { useState } from 'react';
import type { ReactNode } from 'react';
import type { LocalAddress } from '../../ipc/schema.ts';
import { useChangeSettings, useSettings } from '../bridge/use-settings.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { useShortcuts } from '../shell/shortcuts/use-shortcuts.ts';
import { Button } from '../ui/button.tsx';
import { Section } from '../ui/page.tsx';
import { Select } from '../ui/select.tsx';
import { connectionFormats, findFormat } from './connection-formats.ts';

export interface FormatListProps {
  readonly name: string;
  readonly local: LocalAddress;
}

/** What to paste into a program, with the very text that Copy takes. */
export function FormatList({ name, local }: FormatListProps): ReactNode {
  const { connections } = useSettings();
  const change = useChangeSettings();
  const announce = useAnnounce();
  const usual = findFormat(connections.copyFormat);
  const [chosen, setChosen] = useState(usual.id);
  const format = findFormat(chosen);
  const text = `${connections.copyComment ? `# ${name.replaceAll(/[\r\n]/g, ' ')}, recorded\n` : ''}${format.write(local)}`;
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
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
          options={connectionFormats.map(({ id, label }) => ({
            value: id,
            label,
            ...(id === usual.id ? { detail: 'usual' } : {}),
          }))}
          onChange={setChosen}
        />
        <pre className="rounded-control border border-border bg-sunken p-2 font-data text-12 break-all whitespace-pre-wrap">
          {text}
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
        <p className="text-12 text-text-2">
          sslmode=disable is about this hop only, which never leaves the machine; the way to the agent is
          encrypted.
        </p>
      </div>
    </Section>
  );
}
