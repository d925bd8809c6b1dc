import { useLocation } from '@tanstack/react-router';
import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import { useCapabilities } from '../bridge/bridge-context.ts';
import { useDatabases, useStatus, useWaiting } from '../bridge/use-engine-data.ts';
import { consoleSections } from '../console/console-routes.tsx';
import { Count } from '../ui/chip.tsx';
import { EnvironmentChip, StateDot } from '../ui/marks.tsx';

export interface SidebarProps {
  readonly isOpen: boolean;
  readonly isFolded: boolean;
}

/** The main navigation; on a narrow window it opens by the header's Menu button. */
export function Sidebar({ isOpen, isFolded }: SidebarProps): ReactNode {
  const databases = useDatabases().data ?? [];
  const { queryEditor, localPort } = useCapabilities();
  const waiting = useWaiting().data;
  const role = useStatus().data?.account?.role ?? null;
  const sections = consoleSections.filter(({ roles }) => role !== null && roles.includes(role));
  const connected = databases.filter(({ connection }) => connection.kind === 'connected');
  return (
    <nav
      id="navigation"
      aria-label="Main"
      className={clsx(
        'overflow-y-auto border-border bg-app px-2 py-2.5 max-narrow:row-start-2 max-narrow:max-h-[50dvh] max-narrow:border-b narrow:border-r',
        !isOpen && 'max-narrow:hidden',
        isFolded && 'narrow:invisible narrow:px-0',
      )}
    >
      <ul>
        {localPort ? <Entry path="/databases" label="Databases" count={databases.length} /> : null}
        {queryEditor ? <Entry path="/query" label="Query" /> : null}
        <Entry path="/requests" label="Requests" count={(waiting?.mine ?? 0) + (waiting?.inbox ?? 0)} />
        <Entry path="/activity" label="Activity" />
      </ul>
      {connected.length === 0 ? null : (
        <Group title="Connected">
          {connected.map((database) => (
            <li key={database.id}>
              <NavLink path={`/databases/${encodeURIComponent(database.name)}`}>
                <StateDot state="connected" />
                <span className="flex-1 truncate">{database.name}</span>
                <EnvironmentChip environment={database.environment} />
              </NavLink>
            </li>
          ))}
        </Group>
      )}
      {sections.length === 0 ? null : (
        <Group title="Admin">
          {sections.map(({ path, label }) => (
            <Entry key={path} path={path} label={label} />
          ))}
        </Group>
      )}
    </nav>
  );
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <>
      <h2 className="mx-2 mt-3.5 mb-1 text-11 font-bold text-text-3">{title}</h2>
      <ul>{children}</ul>
    </>
  );
}

function Entry({
  path,
  label,
  count = 0,
}: {
  readonly path: string;
  readonly label: string;
  readonly count?: number;
}): ReactNode {
  return (
    <li>
      <NavLink path={path}>
        <span className="flex-1">{label}</span>
        {count === 0 ? null : <Count>{count}</Count>}
      </NavLink>
    </li>
  );
}

function NavLink({ path, children }: { readonly path: string; readonly children: ReactNode }): ReactNode {
  const { pathname } = useLocation();
  const isExact = pathname === path;
  // Only one link is current: a database has its own below "Connected".
  const isCurrent = isExact || (path !== '/databases' && pathname.startsWith(`${path}/`));
  return (
    <a
      href={`#${path}`}
      aria-current={isCurrent ? 'page' : undefined}
      className={clsx(
        'flex min-h-7 items-center gap-2 rounded-control px-2',
        isCurrent ? 'bg-selection font-medium text-text' : 'text-text-2 hover:bg-sunken hover:text-text',
      )}
    >
      {children}
    </a>
  );
}
