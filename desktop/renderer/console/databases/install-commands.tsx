import type { InstallCommands as Commands } from '@daam/shared/api/routes/agents';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Notice } from '../../ui/notice.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { span } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { CopyBlock } from '../copy-block.tsx';

type Way = keyof Commands;

const ways: readonly { readonly value: Way; readonly label: string }[] = [
  { value: 'docker', label: 'Docker' },
  { value: 'binary', label: 'Binary' },
  { value: 'systemd', label: 'systemd' },
  { value: 'kubernetes', label: 'Kubernetes' },
];

/** How to run an agent, with its one-time token in it. */
export function InstallCommands({
  commands,
  token,
  expiresAt,
}: {
  readonly commands: Commands;
  readonly token: string;
  readonly expiresAt: string;
}): ReactNode {
  const now = useNow(1_000);
  const [way, setWay] = useState<Way>('docker');
  const left = Date.parse(expiresAt) - now;
  return (
    <div className="flex flex-col gap-3">
      <Notice
        severity={left > 0 ? 'information' : 'warning'}
        title={
          left > 0
            ? `The token is shown once and works once, for ${span(now, Date.parse(expiresAt))}`
            : 'The token does not work any more'
        }
      >
        {left > 0
          ? 'Run one of these where the agent shall run, next to the database.'
          : 'Issue a new one on the database’s page.'}
      </Notice>
      <CopyBlock label="Token" text={token} />
      <Tabs<Way>
        label="How to run the agent"
        value={way}
        onChange={setWay}
        tabs={ways.map(({ value, label }) => ({
          value,
          label,
          panel: <CopyBlock label={`Commands for ${label}`} text={commands[value]} />,
        }))}
      />
    </div>
  );
}
