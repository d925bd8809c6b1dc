/** The first start: which organization, the passkey in the system's browser, checks of this machine (ux D0). */
import { toAppError } from '@daam/shared/errors/app-error';
import type { AppError } from '@daam/shared/errors/app-error';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { fromBridgeError } from '../../ipc/errors.ts';
import type { SignIn } from '../../ipc/schema.ts';
import { useBridge, useBridgeState } from '../bridge/bridge-context.ts';
import { useStatus } from '../bridge/use-engine-data.ts';
import { Checks } from '../settings/checks-section.tsx';
import { useAnnounce } from '../shell/announcer.tsx';
import { Button, buttonClass } from '../ui/button.tsx';
import { PageHeader } from '../ui/page.tsx';
import { Problem } from '../ui/states.tsx';
import { TextField } from '../ui/text-field.tsx';
import { useNow } from '../ui/use-now.ts';
import { moment } from '../ui/time.ts';
import { controlPlaneAddress } from './control-plane-address.ts';

export function WelcomeScreen(): ReactNode {
  const bridge = useBridge();
  const announce = useAnnounce();
  const isOpen = useBridgeState().kind === 'open';
  const account = useStatus().data?.account ?? null;
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

  async function start(address: string, way: 'browser' | 'device-code'): Promise<void> {
    setFailure(null);
    try {
      setSignIn(await bridge.call('startSignIn', { controlPlane: address, way, organization: null }));
    } catch (thrown) {
      setFailure(toAppError(thrown));
    }
  }

  const isWaiting = signIn.kind === 'browser' || signIn.kind === 'device-code' || signIn.kind === 'preparing';
  return (
    <>
      <PageHeader title="Sign in" />
      <div className="flex max-w-xl flex-col gap-5 px-4 py-5">
        {account !== null && !isWaiting ? (
          <SignedIn email={account.email} />
        ) : isWaiting ? (
          <Waiting
            signIn={signIn}
            onCancel={() => {
              void bridge.call('cancelSignIn', {});
              setSignIn({ kind: 'none' });
            }}
          />
        ) : (
          <Organization onStart={(address, way) => void start(address, way)} />
        )}
        {signIn.kind === 'failed' ? <Problem error={fromBridgeError(signIn.error)} /> : null}
        {failure === null ? null : <Problem error={failure} />}
      </div>
    </>
  );
}

function Organization({
  onStart,
}: {
  readonly onStart: (address: string, way: 'browser' | 'device-code') => void;
}): ReactNode {
  const known = useStatus().data?.account?.controlPlane ?? '';
  const [text, setText] = useState(known);
  const [problem, setProblem] = useState<string | null>(null);
  function start(way: 'browser' | 'device-code'): void {
    const address = controlPlaneAddress(text);
    if (address === null) return setProblem('Write an address like daam.example.com.');
    setProblem(null);
    onStart(address, way);
  }
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        start('browser');
      }}
    >
      <TextField
        label="Address of your organization"
        hint="It is in your invitation. Your passkey is asked for in the browser, never here."
        inputMode="url"
        autoComplete="url"
        value={text}
        error={problem}
        onChange={({ target }) => setText(target.value)}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary">
          Continue in browser
        </Button>
        <Button onClick={() => start('device-code')}>Use another device</Button>
      </div>
    </form>
  );
}

function Waiting({
  signIn,
  onCancel,
}: {
  readonly signIn: SignIn;
  readonly onCancel: () => void;
}): ReactNode {
  return (
    <output className="flex flex-col items-start gap-4">
      {signIn.kind === 'preparing' ? <p>Reaching the control plane…</p> : null}
      {signIn.kind === 'browser' ? (
        <>
          <p>The page in your browser shows the same two characters. If it shows others, stop there.</p>
          <p>
            <span className="sr-only">Match code </span>
            <span className="inline-block rounded-panel border border-control bg-sunken px-5 py-3 font-data text-24 font-bold tracking-widest">
              {signIn.matchCode}
            </span>
          </p>
          <Facts signIn={signIn} />
          <a href={signIn.url} target="_blank" rel="noopener noreferrer" className={buttonClass('primary')}>
            Open the page
          </a>
        </>
      ) : null}
      {signIn.kind === 'device-code' ? (
        <>
          <p>On a device that has your passkey, open this address and write the code:</p>
          <p className="font-data break-all">{signIn.url}</p>
          <p>
            <span className="sr-only">Code </span>
            <span className="inline-block rounded-panel border border-control bg-sunken px-5 py-3 font-data text-24 font-bold tracking-widest">
              {signIn.userCode}
            </span>
          </p>
          <p className="text-12 text-text-2">
            Fingerprint of this device: <span className="font-data">{signIn.fingerprint}</span>
          </p>
        </>
      ) : null}
      <Button onClick={onCancel}>Cancel</Button>
    </output>
  );
}

function Facts({ signIn }: { readonly signIn: Extract<SignIn, { kind: 'browser' }> }): ReactNode {
  const now = useNow();
  return (
    <p className="text-12 text-text-2">
      This device is enrolled as “{signIn.deviceName}”: its public key, system and name are sent. The link
      works until {moment(signIn.endsAt, now)}.
    </p>
  );
}

function SignedIn({ email }: { readonly email: string }): ReactNode {
  const navigate = useNavigate();
  return (
    <>
      <p>
        Signed in as <b className="font-medium">{email}</b>.
      </p>
      <div>
        <Button look="primary" onClick={() => void navigate({ to: '/databases' })}>
          Go to your databases
        </Button>
      </div>
      <section aria-label="Checks of this machine">
        <h2 className="mb-2 font-bold">Is everything in reach?</h2>
        <Checks database={null} />
      </section>
    </>
  );
}
