import { CSPProvider } from '@base-ui/react/csp-provider';
import { Tooltip } from '@base-ui/react/tooltip';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useBridgeState, useCapabilities } from '../bridge/bridge-context.ts';
import { useEngineEvents, useStatus } from '../bridge/use-engine-data.ts';
import { Announcer } from './announcer.tsx';
import { NoToken } from './no-token.tsx';
import { createAppRouter } from './router.tsx';
import { useForgetPerson } from './use-forget-person.ts';
import { useIsLocked } from './use-lock.ts';
import { useAppearance } from './use-appearance.ts';

const SignInScreen = lazy(async () => ({
  default: (await import('../console/sign-in-screen.tsx')).SignInScreen,
}));

const LockScreen = lazy(async () => ({ default: (await import('./lock-screen.tsx')).LockScreen }));

/** Where the app is when nobody has asked for a screen. */
const startPaths = ['/', '/databases'];

/** The app behind the bridge. */
export function App(): ReactNode {
  const state = useBridgeState();
  if (state.kind === 'refused') return <NoToken />;
  return (
    <CSPProvider disableStyleElements>
      <Tooltip.Provider delay={400}>
        <Announcer>
          <Screens />
        </Announcer>
      </Tooltip.Provider>
    </CSPProvider>
  );
}

function Screens(): ReactNode {
  const [router] = useState(createAppRouter);
  useEngineEvents();
  useAppearance();
  useForgetPerson();
  const { tunnel } = useCapabilities();
  const isConsole = useBridgeState().kind === 'open' && !tunnel;
  const account = useStatus().data?.account;
  useEffect(() => {
    // Where nothing can be connected, the list of databases is no place to begin.
    if (!isConsole || !account || router.state.location.pathname !== '/databases') return;
    void router.navigate({ to: account.role === 'member' ? '/requests' : '/admin/overview', replace: true });
  }, [isConsole, account, router]);
  const hasBegun = useRef(false);
  useEffect(() => {
    if (account === undefined || hasBegun.current) return;
    hasBegun.current = true;
    // A device that nobody has used yet begins with the sign-in.
    if (!tunnel || account !== null || !startPaths.includes(router.state.location.pathname)) return;
    void router.navigate({ to: '/welcome', replace: true });
  }, [tunnel, account, router]);
  const isLocked = useIsLocked();
  if (isLocked) {
    return (
      <Suspense>
        <LockScreen />
      </Suspense>
    );
  }
  if (!isConsole || account !== null) return <RouterProvider router={router} />;
  return (
    <Suspense>
      <SignInScreen />
    </Suspense>
  );
}
