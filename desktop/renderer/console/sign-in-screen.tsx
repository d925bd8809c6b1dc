import { type AppError, toAppError } from '@daam/shared/errors/app-error';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useBridge } from '../bridge/bridge-context.ts';
import { useStatus } from '../bridge/use-engine-data.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Problem } from '../ui/states.tsx';

/** The console in a browser where nobody is signed in: one button, which asks this browser for the passkey. */
export function SignInScreen(): ReactNode {
  const bridge = useBridge();
  const status = useStatus().data;
  const [isAsking, setAsking] = useState(false);
  const [failure, setFailure] = useState<AppError | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    document.title = 'Sign in · DAAM';
    button.current?.focus();
  }, []);
  async function signIn(): Promise<void> {
    setAsking(true);
    setFailure(null);
    try {
      await bridge.call('startSignIn', { controlPlane: location.origin, way: 'browser', organization: null });
    } catch (thrown) {
      setFailure(toAppError(thrown));
    } finally {
      setAsking(false);
    }
  }
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center bg-app p-4">
      <div className="flex w-full max-w-sm flex-col gap-4 rounded-panel border border-border bg-surface p-6">
        <h1 className="text-20 font-bold">Sign in to the console</h1>
        <p className="text-text-2">
          Your passkey is asked for by this browser. Administrators and auditors look after databases,
          policies and the audit here; everybody finds their requests.
        </p>
        {status?.controlPlane.kind === 'offline' ? (
          <Notice severity="warning" title="The control plane does not answer">
            Try again in a moment.
          </Notice>
        ) : null}
        {failure === null ? null : <Problem error={failure} />}
        <div>
          <Button ref={button} look="primary" unavailable={isAsking} onClick={() => void signIn()}>
            {isAsking ? 'Waiting for your passkey…' : 'Sign in with a passkey'}
          </Button>
        </div>
        <p className="text-12 text-text-2">
          No passkey yet? Ask an administrator for an invitation; its link makes one.
        </p>
      </div>
    </main>
  );
}
