import type { ReactNode } from 'react';
import type { Database } from '../../ipc/schema.ts';
import { useBridge } from '../bridge/bridge-context.ts';
import { useConnectionDetails, useDatabases } from '../bridge/use-engine-data.ts';
import { pathWords } from '../databases/path-words.ts';
import { Button } from '../ui/button.tsx';
import { chipClass } from '../ui/chip.tsx';
import { StateDot } from '../ui/marks.tsx';
import { Popover } from '../ui/popover.tsx';

/** The one place for the truth about connectivity: how many databases are connected, and by which way. */
export function TunnelChip(): ReactNode {
  const connected = (useDatabases().data ?? []).filter(({ connection }) => connection.kind === 'connected');
  if (connected.length === 0) return null;
  const [first] = connected;
  const path =
    first?.connection.kind === 'connected' && first.connection.path !== null
      ? ` · ${pathWords(first.connection.path)}`
      : '';
  return (
    <Popover
      title="Connections"
      align="end"
      className="w-96"
      trigger={
        <button type="button" className={`${chipClass('ok')} min-h-6 max-narrow:hidden`}>
          <StateDot state="connected" />
          {connected.length} connected{connected.length === 1 ? path : ''}
        </button>
      }
    >
      <ul>
        {connected.map((database) => (
          <Tunnel key={database.id} database={database} />
        ))}
      </ul>
    </Popover>
  );
}

function Tunnel({ database }: { readonly database: Database }): ReactNode {
  const bridge = useBridge();
  const details = useConnectionDetails(database.id).data;
  const { connection } = database;
  if (connection.kind !== 'connected') return null;
  const path = connection.path === null ? 'Path not known' : pathWords(connection.path);
  const latency =
    details === undefined || details.roundTripMs === null ? '' : ` · ${Math.round(details.roundTripMs)} ms`;
  return (
    <li className="flex items-center gap-2 border-t border-border py-1.5 first:border-0">
      <span className="min-w-0 flex-1">
        <a href={`#/databases/${encodeURIComponent(database.name)}`} className="block truncate font-medium">
          {database.name}
        </a>
        <span className="block text-12 text-text-2">
          {path}
          {latency}
          {details === undefined
            ? ''
            : ` · ${details.clients} open ${details.clients === 1 ? 'session' : 'sessions'}`}
        </span>
      </span>
      <Button onClick={() => void bridge.call('disconnect', { database: database.id })}>Disconnect</Button>
    </li>
  );
}
