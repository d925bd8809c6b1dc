import { useState } from 'react';
import type { ReactNode } from 'react';
import { useDatabases, useStatus } from '../bridge/use-engine-data.ts';
import { Button } from '../ui/button.tsx';
import { StateDot } from '../ui/marks.tsx';
import { Sidebar } from './sidebar.tsx';
import { StatusBar } from './status-bar.tsx';
import { ThemeChoice } from './theme-choice.tsx';

/** Header, navigation, the screen, status: the frame of every screen. */
export function Shell({ children }: { readonly children: ReactNode }): ReactNode {
  const [isMenuOpen, setMenuOpen] = useState(false);
  return (
    <div className="grid h-dvh overflow-hidden grid-cols-[minmax(0,1fr)] grid-rows-[auto_auto_minmax(0,1fr)_auto] narrow:grid-cols-[13.5rem_minmax(0,1fr)] narrow:grid-rows-[2.75rem_minmax(0,1fr)_1.625rem]">
      <a
        href="#main"
        className="absolute left-3 z-30 -translate-y-12 rounded-control bg-accent-solid px-3 py-1.5 text-on-accent focus:translate-y-2"
      >
        Skip to the databases
      </a>
      <Header isMenuOpen={isMenuOpen} onMenu={() => setMenuOpen(!isMenuOpen)} />
      <Sidebar isOpen={isMenuOpen} onChosen={() => setMenuOpen(false)} />
      <main
        id="main"
        tabIndex={-1}
        className="relative min-h-0 overflow-y-auto bg-surface outline-none max-narrow:row-start-3"
      >
        {children}
      </main>
      <StatusBar />
    </div>
  );
}

function Header({
  isMenuOpen,
  onMenu,
}: {
  readonly isMenuOpen: boolean;
  readonly onMenu: () => void;
}): ReactNode {
  const account = useStatus().data?.account ?? null;
  return (
    <header className="flex items-center gap-2.5 border-b border-border bg-app px-3 max-narrow:h-11 narrow:col-span-2">
      <img src="/icon.svg" alt="" width="20" height="20" />
      <strong className="truncate font-bold">{account?.organization ?? 'DAAM'}</strong>
      <span className="flex-1" />
      <ConnectionChip />
      <span className="truncate text-text-2 max-narrow:hidden">{account?.email}</span>
      <ThemeChoice />
      <span className="narrow:hidden">
        <Button aria-expanded={isMenuOpen} aria-controls="navigation" onClick={onMenu}>
          Menu
        </Button>
      </span>
    </header>
  );
}

function ConnectionChip(): ReactNode {
  const connected = (useDatabases().data ?? []).filter(
    ({ connection }) => connection.kind === 'connected',
  ).length;
  if (connected === 0) return null;
  return (
    <span className="inline-flex items-center gap-1.5 rounded-full bg-ok-bg max-narrow:hidden px-2 text-11 leading-4.5 font-medium whitespace-nowrap text-ok">
      <StateDot state="connected" />
      {connected} connected
    </span>
  );
}
