/** The first start, a step after the other (ux D0): organization, this device, passkey in the browser, checks. */
import { toAppError } from '@daam/shared/errors/app-error';
import type { AppError } from '@daam/shared/errors/app-error';
import { useLocation } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { SignIn } from '../../ipc/schema.ts';
import { useBridge, useBridgeState } from '../bridge/bridge-context.ts';
import { useStatus } from '../bridge/use-engine-data.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { PageHeader } from '../ui/page.tsx';
import { Problem } from '../ui/states.tsx';
import { useStoredChoice } from '../ui/stored-choice.ts';
import { CheckStep } from './check-step.tsx';
import { DeviceStep } from './device-step.tsx';
import type { SignInWay } from './device-step.tsx';
import { OrganizationStep } from './organization-step.tsx';
import { PasskeyEnd, PasskeyStep } from './passkey-step.tsx';
import { Steps } from './steps.tsx';
import type { StepName } from './steps.tsx';

export function WelcomeScreen(): ReactNode {
  const account = useStatus().data?.account ?? null;
  const { at } = useLocation().search as { at?: string };
  const [kept, keep] = useStoredChoice('daam.control-plane');
  const { signIn, failure, start, cancel } = useSignIn();
  const [address, setAddress] = useState<string | null>(null);
  const [deviceName, setDeviceName] = useState<string | null>(null);
  const [isRefused, setRefused] = useState(false);
  const isWaiting = signIn.kind === 'browser' || signIn.kind === 'device-code' || signIn.kind === 'preparing';
  const hasEnded = signIn.kind === 'failed' || isRefused || failure !== null;
  const step = stepOf({ isWaiting, hasEnded, isSignedIn: account !== null, address });

  function begin(way: SignInWay): void {
    if (address === null) return;
    setRefused(false);
    void start(address, way, deviceName);
  }

  function startAgain(): void {
    setRefused(false);
    setAddress(null);
    void cancel();
  }

  return (
    <>
      <PageHeader title="Sign in" />
      <div className="flex max-w-xl flex-col gap-5 px-4 py-5">
        <Steps current={step} />
        {step === 'organization' ? (
          <OrganizationStep
            key={at ?? ''}
            known={address ?? at ?? account?.controlPlane ?? kept ?? ''}
            onReached={(reached) => {
              keep(reached);
              setAddress(reached);
            }}
          />
        ) : null}
        {step === 'device' && address !== null ? (
          <DeviceStep
            controlPlane={address}
            name={deviceName}
            onName={setDeviceName}
            onContinue={begin}
            onBack={() => setAddress(null)}
          />
        ) : null}
        {step === 'passkey' && isWaiting ? (
          <PasskeyStep
            signIn={signIn}
            onCancel={() => void cancel()}
            onOtherDevice={() => begin('device-code')}
            onMismatch={() => {
              setRefused(true);
              void cancel();
            }}
          />
        ) : null}
        {step === 'passkey' && !isWaiting ? (
          <PasskeyEnd
            error={signIn.kind === 'failed' ? signIn.error : null}
            isRefused={isRefused}
            onAgain={address === null ? null : () => begin('browser')}
            onStartAgain={startAgain}
          />
        ) : null}
        {step === 'check' && account !== null ? (
          <CheckStep email={account.email} deviceName={account.deviceName} />
        ) : null}
        {failure === null ? null : <Problem error={failure} />}
      </div>
    </>
  );
}

function stepOf(state: {
  readonly isWaiting: boolean;
  readonly hasEnded: boolean;
  readonly isSignedIn: boolean;
  readonly address: string | null;
}): StepName {
  if (state.isWaiting || state.hasEnded) return 'passkey';
  if (state.isSignedIn) return 'check';
  return state.address === null ? 'organization' : 'device';
}

/** The sign-in that is on its way in the engine, which goes on when this screen is left. */
function useSignIn(): {
  readonly signIn: SignIn;
  readonly failure: AppError | null;
  readonly start: (controlPlane: string, way: SignInWay, deviceName: string | null) => Promise<void>;
  readonly cancel: () => Promise<void>;
} {
  const bridge = useBridge();
  const announce = useAnnounce();
  const isOpen = useBridgeState().kind === 'open';
  const [signIn, setSignIn] = useState<SignIn>({ kind: 'none' });
  const [failure, setFailure] = useState<AppError | null>(null);
  useEffect(() => {
    if (!isOpen) return undefined;
    void bridge.call('readSignIn', {}).then(setSignIn);
    return bridge.on('signInChanged', (changed) => {
      setSignIn(changed.signIn);
      if (changed.signIn.kind === 'done') announce('Signed in.');
    });
  }, [bridge, isOpen, announce]);
  return {
    signIn,
    failure,
    start: async (controlPlane, way, deviceName) => {
      setFailure(null);
      const name = deviceName === null ? {} : { deviceName };
      try {
        setSignIn(await bridge.call('startSignIn', { controlPlane, way, organization: null, ...name }));
      } catch (thrown) {
        setFailure(toAppError(thrown));
      }
    },
    cancel: async () => {
      setFailure(null);
      setSignIn({ kind: 'none' });
      await bridge.call('cancelSignIn', {}).catch(() => {});
    },
  };
}
