import { useState } from 'react';
import type { ReactNode } from 'react';
import { useBridgeQuery } from '../bridge/use-engine-data.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Facts } from '../ui/page.tsx';
import { TextField } from '../ui/text-field.tsx';

/** Where the passkey is touched: in this machine's browser, or on a device that has it. */
export type SignInWay = 'browser' | 'device-code';

const keyPlaces = {
  system: 'Made here and kept in the system’s own store of secrets; it never leaves this machine',
  file: 'Made here and kept in a file that only you can read; it never leaves this machine',
} as const;

export interface DeviceStepProps {
  readonly controlPlane: string;
  /** Null: as the system calls it. */
  readonly name: string | null;
  readonly onName: (name: string | null) => void;
  readonly onContinue: (way: SignInWay) => void;
  readonly onBack: () => void;
}

/** Step 2: what this device is called, where its key lives, and all that is sent when it is enrolled. */
export function DeviceStep({ controlPlane, name, onName, onContinue, onBack }: DeviceStepProps): ReactNode {
  const device = useBridgeQuery(['device'], 'describeDevice', {}).data;
  const [problem, setProblem] = useState<string | null>(null);
  const shown = name ?? device?.name ?? '';
  const isUnusable = device?.keyState === 'locked' || device?.keyState === 'unavailable';
  function go(way: SignInWay): void {
    if (shown.trim() === '') return setProblem('Give it a name that you will know it by.');
    setProblem(null);
    onContinue(way);
  }
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        go('browser');
      }}
    >
      <TextField
        label="Name of this device"
        hint="You and your administrators see it in lists of devices."
        autoComplete="off"
        maxLength={120}
        value={shown}
        error={problem}
        onChange={({ target }) => onName(target.value)}
      />
      <Facts
        facts={[
          ['Organization', controlPlane.replace(/^https:\/\//, '')],
          ['Its key', device === undefined ? '' : keyPlaces[device.keyPlace]],
          ['What is sent', `The name above, ${device?.os ?? 'the system'}, and the public half of the key`],
        ]}
      />
      {isUnusable ? (
        <Notice severity="warning" title="The system’s store of secrets cannot be used now">
          {device.keyState === 'locked'
            ? 'Unlock it, then continue: without it the key of this device cannot be kept.'
            : 'Start the app with DAAM_SECRET_STORE=file to keep the key in a file that only you can read.'}
        </Notice>
      ) : null}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary">
          Continue in browser
        </Button>
        <Button onClick={() => go('device-code')}>Use another device</Button>
        <Button look="quiet" onClick={onBack}>
          Back
        </Button>
      </div>
    </form>
  );
}
