import type { AppError } from '@daam/shared/errors/app-error';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useBridge, useCapabilities } from '../bridge/bridge-context.ts';
import { useStatus } from '../bridge/use-engine-data.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/states.tsx';

/** A failure of an action; where a more recent sign-in mends it, with the button for that. */
export function ActionProblem({ failure }: { readonly failure: AppError | null }): ReactNode {
  const bridge = useBridge();
  const announce = useAnnounce();
  const { tunnel } = useCapabilities();
  const controlPlane = useStatus().data?.account?.controlPlane ?? null;
  const [isSigning, setSigning] = useState(false);
  if (failure === null) return null;
  async function signIn(address: string): Promise<void> {
    setSigning(true);
    try {
      await bridge.call('startSignIn', { controlPlane: address, way: 'browser', organization: null });
      if (!tunnel) announce('Signed in again. Try once more.');
    } catch {
      announce('The passkey was not used.');
    } finally {
      setSigning(false);
    }
  }
  return (
    <Problem
      error={failure}
      actions={
        failure.code === 'STEP_UP_REQUIRED' && controlPlane !== null ? (
          <Button look="primary" unavailable={isSigning} onClick={() => void signIn(controlPlane)}>
            Sign in again with a passkey
          </Button>
        ) : undefined
      }
    />
  );
}
