import type { ConnectionView } from '@daam/shared/api/routes/audit';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Notice } from '../../ui/notice.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useIsAdmin } from '../use-console.ts';
import { EndSession } from './end-session.tsx';

type Verified = { readonly ok: boolean; readonly records: number; readonly brokenAt: number | null };

/** Verifying the chain that the session is in; ending it, or all of its device's, while it is open. */
export function SessionActions({ session }: { readonly session: ConnectionView }): ReactNode {
  const isAdmin = useIsAdmin();
  const { run, failure, isBusy } = useAction();
  const [verified, setVerified] = useState<Verified | null>(null);
  const device = session.event['device'];
  return (
    <div className="flex flex-col gap-2 px-4 py-2">
      <div className="flex flex-wrap items-center gap-2">
        <Button
          unavailable={isBusy}
          onClick={() =>
            void run(async (api) => {
              const { chains } = await api.verifyAudit();
              const chain = chains.find(
                (one) => one.chain === session.agent || one.chain.includes(session.agent),
              );
              setVerified({
                ok: chain?.ok ?? false,
                records: chain?.records ?? 0,
                brokenAt: chain?.brokenAt ?? null,
              });
            })
          }
        >
          Verify
        </Button>
        {verified?.ok === true ? <Chip tone="ok">chain verified, {verified.records} records</Chip> : null}
        {isAdmin && session.end === null ? <EndSession session={session} label="End session" /> : null}
        {isAdmin && session.end === null && typeof device === 'string' ? (
          <Button
            unavailable={isBusy}
            onClick={() =>
              void run(
                async (api) => await api.revokeDevice({ params: { id: device } }),
                'The device was revoked: its sessions end now.',
              )
            }
          >
            Revoke its device
          </Button>
        ) : null}
      </div>
      <ActionProblem failure={failure} />
      {verified?.ok === false ? (
        <Notice
          severity="problem"
          code="AUDIT_CHAIN_BROKEN"
          title="The chain of this session’s agent does not verify"
        >
          {verified.brokenAt === null
            ? 'It has no chain that could be verified.'
            : `The first bad record is ${verified.brokenAt}. What comes after it proves nothing.`}
        </Notice>
      ) : null}
      {session.end === null ? (
        <Notice severity="information" title="This session is open">
          Statements are added at the end as the agent delivers them.
        </Notice>
      ) : null}
    </div>
  );
}
