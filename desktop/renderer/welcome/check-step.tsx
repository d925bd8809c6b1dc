import { toAppError } from '@daam/shared/errors/app-error';
import { useQueries } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Check } from '../../ipc/schema.ts';
import { useBridge } from '../bridge/bridge-context.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Button, buttonClass } from '../ui/button.tsx';
import { Chip } from '../ui/chip.tsx';
import { checkWords } from '../settings/checks-section.tsx';

const lines = [
  ['control-plane', 'Control plane'],
  ['clock', 'Clock of this machine'],
  ['udp', 'Direct path (UDP)'],
  ['relay', 'Relay'],
  ['ports', 'Local ports'],
] as const satisfies readonly (readonly [Check['id'], string])[];
type LineId = (typeof lines)[number][0];
type Found = Pick<Check, 'state' | 'message'>;
type Results = Readonly<Partial<Record<LineId, Found | undefined>>>;

/** What a network's keeper has to allow, in words to be sent. */
const networkWords =
  'DAAM reaches databases best over UDP: please let outgoing UDP through, and HTTPS (TCP 443) to the relay of our control plane.';

/** Step 4: five looks at what connections need, each told when it is done. Nothing of it has to be mended to go on. */
export function CheckStep({
  email,
  deviceName,
}: {
  readonly email: string;
  readonly deviceName: string | null;
}): ReactNode {
  const navigate = useNavigate();
  const { results, again } = useChecks();
  const found = lines.flatMap(([id]) => results[id] ?? []);
  const isDone = found.length === lines.length;
  const isFine = isDone && found.every(({ state }) => state === 'ok' || state === 'skipped');
  return (
    <>
      <p>
        Signed in as <b className="font-medium">{email}</b>
        {deviceName === null ? '' : ` on “${deviceName}”`}.
      </p>
      <section aria-label="Checks of this machine">
        <h2 className="mb-2 font-bold">Is everything in reach?</h2>
        <ul aria-label="Checks">
          {lines.map(([id, label]) => (
            <Line key={id} id={id} label={label} found={results[id]} onAgain={() => again(id)} />
          ))}
        </ul>
        <output className="mt-2 block text-text-2">{sayHow(isDone, found)}</output>
      </section>
      <div>
        <Button look="primary" onClick={() => void navigate({ to: '/databases' })}>
          {isFine ? 'Go to your databases' : 'Continue anyway'}
        </Button>
      </div>
    </>
  );
}

/** Each check on its own, so that none waits for a slower one. */
function useChecks(): { readonly results: Results; readonly again: (id: LineId) => void } {
  const bridge = useBridge();
  const checks = useQueries({
    queries: lines.map(([id]) => ({
      queryKey: ['check', id],
      gcTime: 0,
      queryFn: async (): Promise<Found> =>
        await bridge.call('runChecks', { database: null, only: id }).then(
          (answer): Found => answer.checks[0] ?? { state: 'skipped', message: 'It was not looked at.' },
          (thrown: unknown): Found => ({ state: 'failed', message: toAppError(thrown).message }),
        ),
    })),
  });
  const of = (id: LineId): (typeof checks)[number] | undefined =>
    checks[lines.findIndex(([each]) => each === id)];
  return {
    results: Object.fromEntries(
      lines.flatMap(([id]) => {
        const check = of(id);
        return check?.data === undefined || check.isFetching ? [] : [[id, check.data]];
      }),
    ),
    again: (id) => void of(id)?.refetch(),
  };
}

function sayHow(isDone: boolean, found: readonly Found[]): string {
  if (!isDone) return 'Checking…';
  const bad = found.filter(({ state }) => state === 'failed' || state === 'warning').length;
  if (bad === 0) return 'All of it is in order.';
  return `${bad} of ${found.length} ${bad === 1 ? 'needs' : 'need'} a look. You can go on without.`;
}

function Line({
  id,
  label,
  found,
  onAgain,
}: {
  readonly id: LineId;
  readonly label: string;
  readonly found: Found | undefined;
  readonly onAgain: () => void;
}): ReactNode {
  const isBad = found?.state === 'failed' || found?.state === 'warning';
  return (
    <li className="grid grid-cols-[4.5rem_minmax(0,1fr)_auto] items-start gap-x-2 gap-y-1 border-b border-border py-1.5">
      <span>
        {found === undefined ? (
          <Chip>checking</Chip>
        ) : (
          <Chip tone={checkWords[found.state][1]}>{checkWords[found.state][0]}</Chip>
        )}
      </span>
      <span>
        <span className="font-medium">{label}</span>
        {found === undefined ? null : <span className="block text-text-2">{found.message}</span>}
      </span>
      <span>{isBad ? <Help id={id} label={label} onAgain={onAgain} /> : null}</span>
    </li>
  );
}

/** The one action of a line that did not pass. */
function Help({
  id,
  label,
  onAgain,
}: {
  readonly id: LineId;
  readonly label: string;
  readonly onAgain: () => void;
}): ReactNode {
  const announce = useAnnounce();
  if (id === 'ports') {
    return (
      <a href="#/settings/connections" className={buttonClass()}>
        Connection settings
      </a>
    );
  }
  if (id === 'udp' || id === 'relay') {
    return (
      <Button
        aria-label={`Copy what to allow for ${label}`}
        onClick={() =>
          void navigator.clipboard.writeText(networkWords).then(
            () => announce('Copied what the network has to allow.'),
            () => announce('The browser did not allow copying.'),
          )
        }
      >
        Copy what to allow
      </Button>
    );
  }
  return (
    <Button aria-label={`Check again: ${label}`} onClick={onAgain}>
      Check again
    </Button>
  );
}
