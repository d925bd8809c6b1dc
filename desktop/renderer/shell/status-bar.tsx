import { useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Database } from '../../ipc/schema.ts';
import { useBridgeState } from '../bridge/bridge-context.ts';
import { useConnectionDetails, useDatabases, useStatus } from '../bridge/use-engine-data.ts';
import { pathWords } from '../databases/path-words.ts';
import { useCursor } from './cursor.ts';
import { StateDot } from '../ui/marks.tsx';

type Connected = Database & { readonly connection: Extract<Database['connection'], { kind: 'connected' }> };

/** What is true now, in one line: the connections and whether the control plane answers. */
export function StatusBar(): ReactNode {
  const status = useStatus().data;
  const isOpen = useBridgeState().kind === 'open';
  const { pathname } = useLocation();
  return (
    <footer
      aria-label="Status"
      className="flex items-center gap-x-3.5 overflow-hidden border-t border-border bg-app px-3 text-12 text-text-2 max-narrow:row-start-4 max-narrow:min-h-6.5 narrow:col-span-2"
    >
      <div className="flex min-w-0 flex-1 gap-x-3.5 overflow-hidden whitespace-nowrap">
        <Connections />
      </div>
      {pathname.startsWith('/query') ? <Cursor /> : null}
      <span className="whitespace-nowrap">
        {isOpen ? controlPlaneWords(status?.controlPlane.kind) : 'Engine not reached'}
      </span>
      {status === undefined ? null : <span className="max-narrow:hidden">{status.version}</span>}
    </footer>
  );
}

/** By itself: it is drawn at every key, and the rest of the bar is not. */
function Cursor(): ReactNode {
  return <span className="whitespace-nowrap">{useCursor()}</span>;
}

function controlPlaneWords(kind: 'online' | 'offline' | undefined): string {
  if (kind === undefined) return '';
  return kind === 'online' ? 'Control plane online' : 'Working offline';
}

function Connections(): ReactNode {
  const { pathname } = useLocation();
  const connected = (useDatabases().data ?? []).filter(isConnected);
  if (connected.length === 0) return <span>No database connected</span>;
  const shown = connected.find(({ name }) => pathname === `/databases/${encodeURIComponent(name)}`);
  const one = shown ?? (connected.length === 1 ? connected[0] : undefined);
  if (one !== undefined) return <One database={one} />;
  return connected.map(({ id, name, connection }) => (
    <span key={id} className="inline-flex min-w-0 items-center gap-1.5">
      <StateDot state="connected" />
      <span className="truncate">
        {name} · {connection.local.host}:{connection.local.port}
        {connection.path === null ? null : ` · ${pathWords(connection.path)}`}
      </span>
    </span>
  ));
}

/** All that is true of one connection: where it listens, how bytes go, that it is recorded, under which policies. */
function One({ database: { id, name, connection, access } }: { readonly database: Connected }): ReactNode {
  const roundTrip = useConnectionDetails(id).data?.roundTripMs ?? null;
  const path = connection.path === null ? 'Path not known' : pathWords(connection.path);
  const policies = access.policies.map(
    (policy) => `${policy.name}${policy.version === null ? '' : ` v${policy.version}`}`,
  );
  const parts = [
    `${path}${roundTrip === null ? '' : ` ${Math.round(roundTrip)} ms`}`,
    'Recorded',
    policies.length === 0
      ? 'no policy'
      : `${policies.length === 1 ? 'policy' : 'policies'} ${policies.join(', ')}`,
  ];
  return (
    <>
      <span className="inline-flex min-w-0 items-center gap-1.5">
        <StateDot state="connected" />
        <span className="truncate">
          {name} · {connection.local.host}:{connection.local.port}
        </span>
      </span>
      {parts.map((part) => (
        <span key={part} className="truncate border-l border-border pl-3.5 max-narrow:hidden">
          {part}
        </span>
      ))}
    </>
  );
}

function isConnected(database: Database): database is Connected {
  return database.connection.kind === 'connected';
}
