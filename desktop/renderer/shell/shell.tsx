import { Outlet, useLocation, useNavigate, useRouter } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { ReactNode } from 'react';
import { ConnectivityNotices } from '../databases/connectivity-notices.tsx';
import { useStatus } from '../bridge/use-engine-data.ts';
import { useStoredChoice } from '../ui/stored-choice.ts';
import { Header } from './header.tsx';
import { LinkBar } from './link-bar.tsx';
import { useLock } from './use-lock.ts';
import { moveRegion } from './regions.ts';
import { useShortcuts } from './shortcuts/use-shortcuts.ts';
import { Sidebar } from './sidebar.tsx';
import { StatusBar } from './status-bar.tsx';
import { useLinks } from './use-links.ts';

const Palette = lazy(async () => ({ default: (await import('../palette/palette.tsx')).Palette }));
const ShortcutsSheet = lazy(async () => ({
  default: (await import('./shortcuts/shortcuts-sheet.tsx')).ShortcutsSheet,
}));

type Overlay = 'palette' | 'databases' | 'tabs' | 'shortcuts' | null;

const paletteStarts = { palette: 'all', databases: 'databases', tabs: 'tabs' } as const;

/** Header, navigation, the screen, status: the frame of every screen. */
export function Shell(): ReactNode {
  const [overlay, setOverlay] = useState<Overlay>(null);
  const { pathname } = useLocation();
  // Open for the screen that it was opened on: choosing another one closes it.
  const [menuFor, setMenuFor] = useState<string | null>(null);
  const isMenuOpen = menuFor === pathname;
  const [fold, setFold] = useStoredChoice('daam.sidebar');
  const isFolded = fold === 'folded';
  const lock = useLock();
  useShellShortcuts({
    setOverlay,
    toggleSidebar: () => setFold(isFolded ? 'open' : 'folded'),
    lock: () => void lock(),
  });
  const link = useLinks();
  const status = useStatus().data;
  return (
    <div
      className={`grid h-dvh grid-cols-[minmax(0,1fr)] grid-rows-[auto_auto_minmax(0,1fr)_auto] overflow-hidden narrow:grid-rows-[2.75rem_minmax(0,1fr)_1.625rem] ${isFolded ? 'narrow:grid-cols-[3rem_minmax(0,1fr)]' : 'narrow:grid-cols-[13.5rem_minmax(0,1fr)]'}`}
    >
      <a
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
        className="absolute left-3 z-30 -translate-y-12 rounded-control bg-accent-solid px-3 py-1.5 text-on-accent focus:translate-y-2"
      >
        Skip to the content
      </a>
      <Header
        isMenuOpen={isMenuOpen}
        onMenu={() => setMenuFor(isMenuOpen ? null : pathname)}
        onPalette={() => setOverlay('palette')}
        onShortcuts={() => setOverlay('shortcuts')}
      />
      <Sidebar isOpen={isMenuOpen} isFolded={isFolded} />
      <main
        id="main"
        tabIndex={-1}
        aria-label={pathname.startsWith('/query') ? 'Query' : undefined}
        className="relative flex min-h-0 flex-col overflow-y-auto bg-surface outline-none max-narrow:row-start-3"
      >
        {link === null ? null : <LinkBar link={link} />}
        <ConnectivityNotices status={status} />
        <Outlet />
      </main>
      <StatusBar />
      <Suspense>
        {overlay !== null && overlay !== 'shortcuts' ? (
          <Palette
            start={paletteStarts[overlay]}
            onClose={() => setOverlay(null)}
            onShortcuts={() => setOverlay('shortcuts')}
          />
        ) : null}
        {overlay === 'shortcuts' ? <ShortcutsSheet onClose={() => setOverlay(null)} /> : null}
      </Suspense>
    </div>
  );
}

function useShellShortcuts(shell: {
  readonly setOverlay: (overlay: Overlay) => void;
  readonly toggleSidebar: () => void;
  readonly lock: () => void;
}): void {
  const navigate = useNavigate();
  const { history } = useRouter();
  const go = (to: string) => () => void navigate({ to });
  useShortcuts({
    palette: () => shell.setOverlay('palette'),
    switchDatabase: () => shell.setOverlay('databases'),
    shortcutsSheet: () => shell.setOverlay('shortcuts'),
    sidebar: shell.toggleSidebar,
    openAny: () => shell.setOverlay('tabs'),
    settings: go('/settings'),
    organization: go('/settings/account'),
    lock: shell.lock,
    nextRegion: () => moveRegion('next'),
    previousRegion: () => moveRegion('previous'),
    back: () => history.back(),
    forward: () => history.forward(),
    requestAccess: go('/requests/new'),
    goDatabases: go('/databases'),
    goQuery: go('/query'),
    goRequests: go('/requests'),
    goActivity: go('/activity'),
    goSettings: go('/settings'),
    goPolicies: go('/admin/policies'),
    goInbox: go('/admin/inbox'),
    goPeople: go('/admin/people'),
  });
}
