// Before everything that defines a schema.
import './no-eval.ts';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { connectWebSocket } from '../ipc/web-socket-transport.ts';
import { BridgeContext } from './bridge/bridge-context.ts';
import { takeToken } from './bridge/take-token.ts';
import { App } from './shell/app.tsx';
import { NoToken } from './shell/no-token.tsx';
import './styles.css';

const token = takeToken({ location, history, storage: sessionStorage });
const root = createRoot(document.getElementById('root') ?? document.body);

// The engine is on this machine: a browser that believes itself offline must not hold calls back, and what the
// engine says by events needs no polling.
const queries = new QueryClient({
  defaultOptions: {
    queries: { networkMode: 'always', retry: false, staleTime: Infinity, refetchOnWindowFocus: false },
  },
});

if (token === null) {
  root.render(<NoToken />);
} else {
  const bridge = connectWebSocket({
    open: () => new WebSocket(`ws://${location.host}/bridge`),
    token,
    schedule: (callback, milliseconds) => {
      const timer = setTimeout(callback, milliseconds);
      return () => clearTimeout(timer);
    },
  });
  root.render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <BridgeContext value={bridge}>
          <App />
        </BridgeContext>
      </QueryClientProvider>
    </StrictMode>,
  );
}
