import { toAppError } from '@daam/shared/errors/app-error';
import type { AppError } from '@daam/shared/errors/app-error';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { fromBridgeError } from '../../ipc/errors.ts';
import type { SignIn } from '../../ipc/schema.ts';
import { useBridge } from '../bridge/bridge-context.ts';
import { useStatus } from '../bridge/use-engine-data.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/states.tsx';
import { PasskeyStep } from '../welcome/passkey-step.tsx';

/** Instead of every screen while the app is locked: who locked it, and the touch that opens it. */
export function LockScreen(): ReactNode {
  const bridge = useBridge();
  const account = useStatus().data?.account ?? null;
  const [signIn, setSignIn] = useState<SignIn>({ kind: 'none' });
  const [failure, setFailure] = useState<AppError | null>(null);
  useEffect(() => {
    document.title = 'Locked · DAAM';
    return bridge.on('signInChanged', (changed) => setSignIn(changed.signIn));
  }, [bridge]);

  async function unlock(way: 'browser' | 'device-code'): Promise<void> {
    if (account === null) return;
    setFailure(null);
    const controlPlane = account.controlPlane ?? '';
    await bridge
      .call('startSignIn', { controlPlane, way, organization: null })
      .then(setSignIn, (thrown: unknown) => setFailure(toAppError(thrown)));
  }

  const isWaiting = signIn.kind === 'browser' || signIn.kind === 'device-code' || signIn.kind === 'preparing';
  const problem = signIn.kind === 'failed' ? fromBridgeError(signIn.error) : failure;
  return (
    <main className="mx-auto flex max-w-xl flex-col gap-4 px-4 py-16">
      <h1 className="text-20 font-bold">Locked</h1>
      <p className="text-text-2">
        {account === null ? '' : `${account.email}. `}
        Open connections and their local ports go on working. Nothing else is shown before your passkey is
        touched.
      </p>
      {isWaiting ? (
        <PasskeyStep
          signIn={signIn}
          onCancel={() => void bridge.call('cancelSignIn', {}).catch(() => {})}
          onOtherDevice={() => void unlock('device-code')}
          onMismatch={() => void bridge.call('cancelSignIn', {}).catch(() => {})}
        />
      ) : (
        <div className="flex flex-wrap gap-2">
          <Button look="primary" onClick={() => void unlock('browser')}>
            Unlock with your passkey
          </Button>
          <Button onClick={() => void bridge.call('signOut', {}).catch(() => {})}>
            Sign out and close all connections
          </Button>
        </div>
      )}
      {problem === null ? null : <Problem error={problem} />}
    </main>
  );
}
