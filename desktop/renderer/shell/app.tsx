import type { ReactNode } from 'react';
import { useBridgeState } from '../bridge/bridge-context.ts';
import { useEngineEvents } from '../bridge/use-engine-data.ts';
import { DatabasesScreen } from '../databases/databases-screen.tsx';
import { Announcer } from './announcer.tsx';
import { NoToken } from './no-token.tsx';
import { Shell } from './shell.tsx';

/** The app behind the bridge. */
export function App(): ReactNode {
  const state = useBridgeState();
  if (state.kind === 'refused') return <NoToken />;
  return (
    <Announcer>
      <Screens />
    </Announcer>
  );
}

function Screens(): ReactNode {
  useEngineEvents();
  return (
    <Shell>
      <DatabasesScreen />
    </Shell>
  );
}
