import { useLocation } from '@tanstack/react-router';
import { clsx } from 'clsx';
import {
  Activity,
  ClipboardList,
  Database as DatabaseIcon,
  Gauge,
  Inbox,
  KeyRound,
  MonitorPlay,
  ScrollText,
  Server,
  Settings,
  ShieldCheck,
  SquareTerminal,
  Users,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import { useCapabilities } from '../bridge/bridge-context.ts';
import { useDatabases, useStatus, useWaiting } from '../bridge/use-engine-data.ts';
import { consoleSections } from '../console/console-routes.tsx';
import { Count } from '../ui/chip.tsx';
import { EnvironmentChip, StateDot } from '../ui/marks.tsx';
import { Tooltip } from '../ui/tooltip.tsx';

export interface SidebarProps {
  readonly isOpen: boolean;
  /** A rail of 48 px with icons; the names are in tooltips, and for screen readers. */
  readonly isFolded: boolean;
}

const icons: Readonly<Record<string, LucideIcon>> = {
  '/databases': DatabaseIcon,
  '/query': SquareTerminal,
  '/requests': KeyRound,
  '/activity': Activity,
  '/admin/overview': Gauge,
  '/admin/databases': Server,
  '/admin/policies': ShieldCheck,
  '/admin/people': Users,
  '/admin/inbox': Inbox,
  '/admin/sessions': MonitorPlay,
  '/admin/audit': ScrollText,
  '/admin/settings': Settings,
};

/** The main navigation; on a narrow window it opens by the header's Menu button. */
export function Sidebar({ isOpen, isFolded }: SidebarProps): ReactNode {
  const databases = useDatabases().data ?? [];
  const { queryEditor, localPort } = useCapabilities();
  const waiting = useWaiting().data;
  const role = useStatus().data?.account?.role ?? null;
  const sections = consoleSections.filter(({ roles }) => role !== null && roles.includes(role));
  const connected = databases.filter(({ connection }) => connection.kind === 'connected');
  const entry = (path: string, label: string, count = 0): ReactElement => (
    <Entry key={path} path={path} label={label} count={count} isFolded={isFolded} />
  );
  return (
    <nav
      id="navigation"
      aria-label="Main"
      className={clsx(
        'overflow-y-auto border-border bg-app px-2 py-2.5 max-narrow:row-start-2 max-narrow:max-h-[50dvh] max-narrow:border-b narrow:border-r',
        !isOpen && 'max-narrow:hidden',
        isFolded && 'narrow:overflow-x-hidden',
      )}
    >
      <ul>
        {localPort ? entry('/databases', 'Databases', databases.length) : null}
        {queryEditor ? entry('/query', 'Query') : null}
        {entry('/requests', 'Requests', (waiting?.mine ?? 0) + (waiting?.inbox ?? 0))}
        {entry('/activity', 'Activity')}
      </ul>
      {connected.length === 0 ? null : (
        <Group title="Connected" isFolded={isFolded}>
          {connected.map(({ id, name, environment }) => (
            <li key={id}>
              <NavLink path={`/databases/${encodeURIComponent(name)}`} label={name} isFolded={isFolded}>
                <span className={clsx('flex flex-none justify-center', isFolded && 'narrow:w-4')}>
                  <StateDot state="connected" />
                </span>
                <span className={clsx('flex-1 truncate', isFolded && 'narrow:sr-only')}>{name}</span>
                <span className={clsx(isFolded && 'narrow:sr-only')}>
                  <EnvironmentChip environment={environment} />
                </span>
              </NavLink>
            </li>
          ))}
        </Group>
      )}
      {sections.length === 0 ? null : (
        <Group title="Admin" isFolded={isFolded}>
          {sections.map(({ path, label }) => entry(path, label))}
        </Group>
      )}
    </nav>
  );
}

function Group({
  title,
  isFolded,
  children,
}: {
  readonly title: string;
  readonly isFolded: boolean;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <>
      <h2
        className={clsx(
          'mx-2 mt-3.5 mb-1 text-11 font-bold text-text-3',
          isFolded &&
            'narrow:mx-0 narrow:h-px narrow:overflow-hidden narrow:bg-border narrow:text-transparent',
        )}
      >
        {title}
      </h2>
      <ul>{children}</ul>
    </>
  );
}

function Entry({
  path,
  label,
  count,
  isFolded,
}: {
  readonly path: string;
  readonly label: string;
  readonly count: number;
  readonly isFolded: boolean;
}): ReactNode {
  const Icon = icons[path] ?? ClipboardList;
  return (
    <li>
      <NavLink path={path} label={label} isFolded={isFolded}>
        <Icon size={16} strokeWidth={1.75} aria-hidden="true" className="flex-none" />
        <span className={clsx('flex-1', isFolded && 'narrow:sr-only')}>{label}</span>
        {count === 0 ? null : (
          <span className={clsx(isFolded && 'narrow:sr-only')}>
            <Count>{count}</Count>
          </span>
        )}
      </NavLink>
    </li>
  );
}

function NavLink({
  path,
  label,
  isFolded,
  children,
}: {
  readonly path: string;
  readonly label: string;
  readonly isFolded: boolean;
  readonly children: ReactNode;
}): ReactNode {
  const { pathname } = useLocation();
  const isExact = pathname === path;
  // Only one link is current: a database has its own below "Connected".
  const isCurrent = isExact || (path !== '/databases' && pathname.startsWith(`${path}/`));
  const link = (
    <a
      href={`#${path}`}
      aria-current={isCurrent ? 'page' : undefined}
      className={clsx(
        'flex min-h-7 items-center gap-2 rounded-control px-2 focus-visible:-outline-offset-2',
        isCurrent ? 'bg-selection font-medium text-text' : 'text-text-2 hover:bg-sunken hover:text-text',
      )}
    >
      {children}
    </a>
  );
  return isFolded ? (
    <Tooltip text={label} side="right">
      {link}
    </Tooltip>
  ) : (
    link
  );
}
