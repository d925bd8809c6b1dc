import { useState } from 'react';
import type { ReactNode } from 'react';
import { fromBridgeError } from '../../ipc/errors.ts';
import type { BridgeError, SignIn } from '../../ipc/schema.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Button, buttonClass } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Problem } from '../ui/states.tsx';
import { duration } from '../ui/time.ts';
import { useNow } from '../ui/use-now.ts';
import { QrPicture } from './qr-picture.tsx';

export interface PasskeyStepProps {
  readonly signIn: SignIn;
  readonly onCancel: () => void;
  readonly onOtherDevice: () => void;
  /** The page shows another code than this screen. */
  readonly onMismatch: () => void;
}

/** Step 3: the passkey is asked for in the system's browser; both sides show the same two characters. */
export function PasskeyStep({ signIn, onCancel, onOtherDevice, onMismatch }: PasskeyStepProps): ReactNode {
  const isBrowser = signIn.kind === 'browser';
  return (
    <div className="flex flex-col items-start gap-4">
      <output className="flex flex-col items-start gap-4">
        {signIn.kind === 'preparing' ? <span>Reaching the control plane…</span> : null}
        {isBrowser ? (
          <>
            <p>The page in your browser shows the same two characters. If it shows others, stop there.</p>
            <BigCode label="Match code" code={signIn.matchCode} />
          </>
        ) : null}
        {signIn.kind === 'device-code' ? (
          <>
            <p>
              On a device that has your passkey, open this address and write the code, or point its camera at
              the picture:
            </p>
            <p className="font-data break-all">{signIn.url}</p>
            <div className="flex flex-wrap items-center gap-4">
              <BigCode label="Code" code={signIn.userCode} />
              <QrPicture text={signIn.urlWithCode} label="QR code of the address with the code" />
            </div>
            <p className="text-12 text-text-2">
              Fingerprint of this device: <span className="font-data">{signIn.fingerprint}</span>
            </p>
          </>
        ) : null}
      </output>
      {isBrowser ? (
        <p className="text-text-2">
          This device is enrolled as “{signIn.deviceName}”. <Remaining endsAt={signIn.endsAt} />
        </p>
      ) : null}
      <div className="flex flex-wrap gap-2">
        {isBrowser ? (
          <>
            <a href={signIn.url} target="_blank" rel="noopener noreferrer" className={buttonClass('primary')}>
              Open the page
            </a>
            <CopyLink url={signIn.url} />
            <Button onClick={onOtherDevice}>Use another device</Button>
            <Button onClick={onMismatch}>The codes differ</Button>
          </>
        ) : null}
        {signIn.kind === 'device-code' ? <CopyLink url={signIn.urlWithCode} /> : null}
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </div>
  );
}

function BigCode({ label, code }: { readonly label: string; readonly code: string }): ReactNode {
  return (
    <p>
      <span className="sr-only">{label} </span>
      <span className="inline-block rounded-panel border border-control bg-sunken px-5 py-3 font-data text-24 font-bold tracking-widest">
        {code}
      </span>
    </p>
  );
}

/** Outside of the status region, which would be read out again each time. */
function Remaining({ endsAt }: { readonly endsAt: string }): ReactNode {
  const now = useNow(10_000);
  const left = Math.max(0, Date.parse(endsAt) - now);
  return <>The link works for {duration(Math.ceil(left / 10_000) * 10_000)} more.</>;
}

function CopyLink({ url }: { readonly url: string }): ReactNode {
  const announce = useAnnounce();
  const [isShown, setShown] = useState(false);
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(url);
      announce('Copied the link.');
    } catch {
      setShown(true);
    }
  }
  return isShown ? (
    <input
      readOnly
      aria-label="Link of the page"
      value={url}
      onFocus={({ target }) => target.select()}
      className="h-7 w-full rounded-control border border-control bg-sunken px-2 font-data text-12"
    />
  ) : (
    <Button onClick={() => void copy()}>Copy link</Button>
  );
}

export interface PasskeyEndProps {
  readonly error: BridgeError | null;
  /** The person said that the codes differ. */
  readonly isRefused: boolean;
  /** The same sign-in with a fresh link; null: the address is not known any more. */
  readonly onAgain: (() => void) | null;
  readonly onStartAgain: () => void;
}

/** It did not end in a sign-in: why, and the ways on. */
export function PasskeyEnd({ error, isRefused, onAgain, onStartAgain }: PasskeyEndProps): ReactNode {
  if (isRefused) {
    return (
      <Notice
        severity="problem"
        title="Stop: someone may be trying to sign in as you"
        actions={<Button onClick={onStartAgain}>Start again</Button>}
      >
        Nothing was signed in here. Close the page in the browser without touching your passkey, and tell your
        administrator. Start again only from this app.
      </Notice>
    );
  }
  const actions = (
    <>
      {onAgain === null ? null : (
        <Button look="primary" onClick={onAgain}>
          Get a fresh link
        </Button>
      )}
      <Button onClick={onStartAgain}>Another organization</Button>
    </>
  );
  if (error?.code === 'TIMEOUT') {
    return (
      <Notice severity="warning" title="The link has ended" code={error.code} actions={actions}>
        Nobody signed in with it in time. Nothing was changed on this device.
      </Notice>
    );
  }
  if (error !== null) return <Problem error={fromBridgeError(error)} actions={actions} />;
  return <div className="flex flex-wrap gap-2">{actions}</div>;
}
