import { useNavigate, useRouter } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight, Menu as MenuIcon, Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { useBridge, useCapabilities } from '../bridge/bridge-context.ts';
import { useStatus } from '../bridge/use-engine-data.ts';
import { buttonClass } from '../ui/button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Key } from '../ui/marks.tsx';
import { Menu } from '../ui/menu.tsx';
import { useLock } from './use-lock.ts';
import { NotificationsButton } from './notifications.tsx';
import { useKeyboard } from './shortcuts/use-shortcuts.ts';
import { TunnelChip } from './tunnel-chip.tsx';

export interface HeaderProps {
  readonly isMenuOpen: boolean;
  readonly onMenu: () => void;
  readonly onPalette: () => void;
  readonly onShortcuts: () => void;
}

export function Header({ isMenuOpen, onMenu, onPalette, onShortcuts }: HeaderProps): ReactNode {
  const { history } = useRouter();
  const { words } = useKeyboard();
  const organization = useStatus().data?.account?.organization ?? 'DAAM';
  return (
    <header className="flex h-11 items-center gap-2 border-b border-border bg-app px-3 narrow:col-span-2">
      <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="20" height="20" />
      <strong className="max-w-40 truncate font-bold">{organization}</strong>
      <span className="flex max-narrow:hidden">
        <IconButton icon={ChevronLeft} label="Back" onClick={() => history.back()} />
        <IconButton icon={ChevronRight} label="Forward" onClick={() => history.forward()} />
      </span>
      <button
        type="button"
        onClick={onPalette}
        className="mx-auto flex h-7 w-110 min-w-0 items-center gap-2 rounded-control border border-control bg-surface px-2 text-text-3 hover:bg-sunken max-narrow:w-auto"
      >
        <Search size={14} aria-hidden="true" className="flex-none" />
        <span className="truncate max-narrow:sr-only">Search databases, tables, commands</span>
        <span className="ml-auto max-narrow:hidden">
          <Key>{words('palette')}</Key>
        </span>
      </button>
      <TunnelChip />
      <NotificationsButton />
      <AccountMenu onShortcuts={onShortcuts} />
      <span className="narrow:hidden">
        <IconButton
          icon={MenuIcon}
          label="Menu"
          aria-expanded={isMenuOpen}
          aria-controls="navigation"
          onClick={onMenu}
        />
      </span>
    </header>
  );
}

function AccountMenu({ onShortcuts }: { readonly onShortcuts: () => void }): ReactNode {
  const bridge = useBridge();
  const navigate = useNavigate();
  const { words } = useKeyboard();
  const { localPort } = useCapabilities();
  const account = useStatus().data?.account ?? null;
  const lock = useLock();
  const signOut = async (): Promise<void> => {
    await bridge.call('signOut', {});
    if (localPort) await navigate({ to: '/welcome' });
  };
  return (
    <Menu
      align="end"
      trigger={
        <button type="button" className={`${buttonClass('quiet')} max-w-48`}>
          <span className="truncate max-narrow:sr-only">{account?.email ?? 'Not signed in'}</span>
          <span aria-hidden="true">▾</span>
        </button>
      }
      items={[
        {
          id: 'settings',
          label: 'Settings',
          keys: words('settings'),
          onSelect: () => void navigate({ to: '/settings' }),
        },
        ...(localPort && account !== null
          ? [{ id: 'lock', label: 'Lock', keys: words('lock'), onSelect: () => void lock() }]
          : []),
        { id: 'keys', label: 'Keyboard shortcuts', keys: words('shortcutsSheet'), onSelect: onShortcuts },
        { kind: 'separator' as const, id: 'line' },
        account === null
          ? { id: 'sign-in', label: 'Sign in', onSelect: () => void navigate({ to: '/welcome' }) }
          : {
              id: 'sign-out',
              label: 'Sign out',
              ...(localPort ? { detail: 'Closes all connections of this device' } : {}),
              onSelect: () => void signOut(),
            },
      ]}
    />
  );
}
