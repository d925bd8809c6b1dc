import type { ConnectionView } from '@daam/shared/api/routes/audit';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Notice } from '../../ui/notice.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useIsAdmin } from '../use-console.ts';
import { EndSession } from './end-session.tsx';
import { unreachableSince } from './session-words.ts';

type Verified = { readonly ok: boolean; readonly records: number; readonly brokenAt: number | null };

/** Verifying the chain that the session is in; ending it, or all of its device's, while it is open. */
export function SessionActions({ session }: { readonly session: ConnectionView }): ReactNode {
  const isAdmin = useIsAdmin();
  const { run, failure, isBusy } = useAction();
  const [verified, setVerified] = useState<Verified | null>(null);
  const now = useNow();
  const device = session.event['device'];
  const since = unreachableSince(session);
  const isReachable = session.end === null && since === null;
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
        {isAdmin && isReachable ? <EndSession session={session} label="End session" /> : null}
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
      {isReachable ? (
        <Notice severity="information" title="This session is open">
          Statements are added at the end as the agent delivers them.
        </Notice>
      ) : null}
      {since === null ? null : <Unreachable since={since} />}
      {session.end?.reason === 'AGENT_RESTARTED' ? (
        <Notice severity="information" title="It ended with its agent’s process">
          The agent started again without it, at the latest at {moment(session.end.at, now)}. What it had not
          committed was undone by the database.
        </Notice>
      ) : null}
    </div>
  );
}

function Unreachable({ since }: { readonly since: string }): ReactNode {
  return (
    <Notice severity="warning" title={`Its agent is unreachable since ${moment(since, useNow())}`}>
      Whether the session still runs is known to that agent alone: an agent that is cut off goes on with the
      policy it has. When it is back, the rest comes; if it started anew, the session is over. On its machine,
      stopping the agent ends every session.
    </Notice>
  );
}
