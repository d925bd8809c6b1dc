import type { ReactNode } from 'react';
import type { ConnectionDetails, Database } from '../../ipc/schema.ts';
import { useBridge } from '../bridge/bridge-context.ts';
import { useConnectionDetails, useDatabases } from '../bridge/use-engine-data.ts';
import { byteWords } from '../databases/byte-words.ts';
import { pathWords } from '../databases/path-words.ts';
import { useAnnounce } from './announcer.tsx';
import { Button } from '../ui/button.tsx';
import { chipClass } from '../ui/chip.tsx';
import { StateDot } from '../ui/marks.tsx';
import { Popover } from '../ui/popover.tsx';

/** The one place for the truth about connectivity: each connection, its path, its latency, its bytes, and why not directly. */
export function TunnelChip(): ReactNode {
  const open = (useDatabases().data ?? []).filter(
    ({ connection }) => connection.kind === 'connected' || connection.kind === 'failed',
  );
  const [first] = open;
  if (first === undefined) return null;
  const lost = open.filter(({ connection }) => connection.kind === 'failed').length;
  return (
    <Popover
      title="Connections"
      align="end"
      className="w-96"
      trigger={
        <button type="button" className={`${chipClass(lost === 0 ? 'ok' : 'bad')} min-h-6 max-narrow:hidden`}>
          <StateDot state={lost === 0 ? 'connected' : 'failed'} />
          {lost === 0 ? `${open.length} connected` : `${lost} of ${open.length} not reached`}
          {open.length === 1 && lost === 0 ? <Way database={first} /> : null}
        </button>
      }
    >
      <ul>
        {open.map((database) => (
          <Tunnel key={database.id} database={database} />
        ))}
      </ul>
    </Popover>
  );
}

function Way({ database }: { readonly database: Database }): ReactNode {
  const details = useConnectionDetails(database.id).data;
  if (database.connection.kind !== 'connected' || database.connection.path === null) return null;
  return (
    <>
      {' '}
      · {pathWords(database.connection.path)}
      {latency(details)}
    </>
  );
}

function Tunnel({ database }: { readonly database: Database }): ReactNode {
  const bridge = useBridge();
  const announce = useAnnounce();
  const details = useConnectionDetails(database.id).data;
  const { connection, name } = database;
  return (
    <li className="border-t border-border py-1.5 first:border-0">
      <div className="flex items-center gap-2">
        <span className="min-w-0 flex-1">
          <a href={`#/databases/${encodeURIComponent(name)}`} className="block truncate font-medium">
            {name}
          </a>
          <span className="block text-12 text-text-2">{tunnelWords(connection, details)}</span>
        </span>
        <Button
          aria-label={`Disconnect ${name}`}
          onClick={() =>
            void bridge
              .call('disconnect', { database: database.id })
              .catch(() => announce(`${name} could not be disconnected.`))
          }
        >
          Disconnect
        </Button>
      </div>
      {connection.kind === 'connected' && connection.path === 'relay' ? (
        <p className="mt-1 text-12 text-text-2">
          Why not directly: no way of its own was found for UDP between this machine and the agent, so the
          relay carries what is encrypted. It is tried again by itself.{' '}
          <a href="#/settings/diagnostics" className="text-accent underline">
            Run the checks
          </a>
        </p>
      ) : null}
      {connection.kind === 'failed' ? (
        <p className="mt-1 text-12 text-bad">
          {connection.error.message} {connection.error.hint}
        </p>
      ) : null}
    </li>
  );
}

function tunnelWords(connection: Database['connection'], details: ConnectionDetails | undefined): string {
  if (connection.kind !== 'connected') return 'Not reached; it is tried again';
  const path = connection.path === null ? 'Path not known' : pathWords(connection.path);
  if (details === undefined) return path;
  const { clients, sessions } = details;
  const sent = sessions.reduce((sum, session) => sum + session.sent, 0);
  const received = sessions.reduce((sum, session) => sum + session.received, 0);
  const bytes = sessions.length === 0 ? '' : ` · ${byteWords(sent)} sent, ${byteWords(received)} received`;
  return `${path}${latency(details)} · ${clients} open ${clients === 1 ? 'session' : 'sessions'}${bytes}`;
}

function latency(details: ConnectionDetails | undefined): string {
  const time = details?.roundTripMs ?? null;
  return time === null ? '' : ` ${Math.round(time)} ms`;
}
