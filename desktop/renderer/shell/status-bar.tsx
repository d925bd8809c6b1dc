import { useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useBridgeState } from '../bridge/bridge-context.ts';
import { useDatabases, useStatus } from '../bridge/use-engine-data.ts';
import { pathWords } from '../databases/path-words.ts';
import { useCursor } from './cursor.ts';
import { StateDot } from '../ui/marks.tsx';

/** What is true now, in one line: the connections and whether the control plane answers. */
export function StatusBar(): ReactNode {
  const status = useStatus().data;
  const isOpen = useBridgeState().kind === 'open';
  const cursor = useCursor();
  const { pathname } = useLocation();
  return (
    <footer
      aria-label="Status"
      className="flex items-center gap-x-3.5 overflow-hidden border-t border-border bg-app px-3 text-12 text-text-2 max-narrow:row-start-4 max-narrow:min-h-6.5 narrow:col-span-2"
    >
      <div className="flex min-w-0 flex-1 gap-x-3.5 overflow-hidden whitespace-nowrap">
        <Connections />
      </div>
      {pathname.startsWith('/query') ? <span className="whitespace-nowrap">{cursor}</span> : null}
      <span className="whitespace-nowrap">
        {isOpen ? controlPlaneWords(status?.controlPlane.kind) : 'Engine not reached'}
      </span>
      {status === undefined ? null : <span className="max-narrow:hidden">{status.version}</span>}
    </footer>
  );
}

function controlPlaneWords(kind: 'online' | 'offline' | undefined): string {
  if (kind === undefined) return '';
  return kind === 'online' ? 'Control plane online' : 'Working offline';
}

function Connections(): ReactNode {
  const connected = (useDatabases().data ?? []).flatMap(({ id, name, connection }) =>
    connection.kind === 'connected' ? [{ id, name, connection }] : [],
  );
  if (connected.length === 0) return <span>No database connected</span>;
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
