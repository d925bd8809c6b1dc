import { toAppError } from '@daam/shared/errors/app-error';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Reach } from '../../ipc/schema.ts';
import { useBridge } from '../bridge/bridge-context.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { TextField } from '../ui/text-field.tsx';
import { duration } from '../ui/time.ts';
import { controlPlaneAddress, invitationIn } from './control-plane-address.ts';

/** Certificates are refused beyond it. Milliseconds. */
const maxClockSkew = 120_000;

type Found =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'looking' }
  | { readonly kind: 'failed'; readonly title: string; readonly hint: string }
  | { readonly kind: 'clock'; readonly skewMs: number; readonly address: string }
  | { readonly kind: 'invited'; readonly page: string; readonly address: string };

export interface OrganizationStepProps {
  readonly known: string;
  readonly onReached: (address: string) => void;
}

/** Step 1: the address, or an invitation's link. It is looked at before anything of the person is asked for. */
export function OrganizationStep({ known, onReached }: OrganizationStepProps): ReactNode {
  const bridge = useBridge();
  const [text, setText] = useState(known);
  const [problem, setProblem] = useState<string | null>(null);
  const [found, setFound] = useState<Found>({ kind: 'nothing' });

  async function look(): Promise<void> {
    const address = controlPlaneAddress(text);
    if (address === null) {
      setProblem('Write an address like daam.example.com, or paste the link of your invitation.');
      return;
    }
    const page = invitationIn(text);
    // The secret of an invitation does not stay in the field.
    setText(address);
    setProblem(null);
    setFound({ kind: 'looking' });
    const reach = await bridge.call('checkControlPlane', { controlPlane: address }).catch(asFailure);
    if (reach.kind === 'failed') setFound({ kind: 'failed', title: reach.message, hint: reach.hint });
    else if ((reach.clockSkewMs ?? 0) > maxClockSkew)
      setFound({ kind: 'clock', skewMs: reach.clockSkewMs ?? 0, address });
    else if (page !== null) setFound({ kind: 'invited', page, address });
    else onReached(address);
  }

  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void look();
      }}
    >
      <TextField
        label="Address of your organization"
        hint="It is in your invitation; its whole link can be pasted too. Your passkey is asked for in the browser, never here."
        inputMode="url"
        autoComplete="url"
        spellCheck={false}
        value={text}
        error={problem}
        onChange={({ target }) => {
          setText(target.value);
          setFound({ kind: 'nothing' });
        }}
      />
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" look="primary" unavailable={found.kind === 'looking'}>
          Continue
        </Button>
        <output className="text-text-2">{found.kind === 'looking' ? 'Reaching it…' : ''}</output>
      </div>
      <Answer found={found} onReached={onReached} />
    </form>
  );
}

function Answer({
  found,
  onReached,
}: {
  readonly found: Found;
  readonly onReached: (address: string) => void;
}): ReactNode {
  switch (found.kind) {
    case 'nothing':
    case 'looking':
      return null;
    case 'failed':
      return (
        <Notice severity="problem" title={found.title}>
          {found.hint}
        </Notice>
      );
    case 'clock':
      return (
        <Notice
          severity="problem"
          title={`The clock of this machine is ${duration(found.skewMs)} off`}
          actions={<Button onClick={() => onReached(found.address)}>Continue anyway</Button>}
        >
          Certificates depend on it, so the sign-in would be refused. Set it, then continue.
        </Notice>
      );
    case 'invited':
      break;
  }
  return (
    <Notice
      severity="information"
      title="This is an invitation: make your passkey first"
      actions={
        <>
          <a href={found.page} target="_blank" rel="noopener noreferrer" className={buttonClass('primary')}>
            Make a passkey in the browser
          </a>
          <Button onClick={() => onReached(found.address)}>I have one: continue</Button>
        </>
      }
    >
      The link works once. When the page says that the passkey is ready, continue here.
    </Notice>
  );
}

function asFailure(thrown: unknown): Extract<Reach, { kind: 'failed' }> {
  const { message, hint } = toAppError(thrown);
  return { kind: 'failed', cause: 'interrupted', message, hint: hint ?? '' };
}
