import { CSPProvider } from '@base-ui/react/csp-provider';
import { Tooltip } from '@base-ui/react/tooltip';
import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useBridgeState } from '../bridge/bridge-context.ts';
import { useEngineEvents } from '../bridge/use-engine-data.ts';
import { Announcer } from './announcer.tsx';
import { NoToken } from './no-token.tsx';
import { createAppRouter } from './router.tsx';
import { useAppearance } from './use-appearance.ts';

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
  return <RouterProvider router={router} />;
}
