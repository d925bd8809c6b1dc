// Before everything that defines a schema.
import './no-eval.ts';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BridgeContext } from './bridge/bridge-context.ts';
import { openBridge } from './bridge/open-bridge.ts';
import { App } from './shell/app.tsx';
import { NoToken } from './shell/no-token.tsx';
import './styles.css';
import { showWholeWords } from './ui/whole-words.ts';

const bridge = openBridge();
showWholeWords(document);
const root = createRoot(document.getElementById('root') ?? document.body);

// The engine is on this machine: a browser that believes itself offline must not hold calls back, and what the
// engine says by events needs no polling.
const queries = new QueryClient({
  defaultOptions: {
    queries: { networkMode: 'always', retry: false, staleTime: Infinity, refetchOnWindowFocus: false },
  },
});

if (bridge === null) {
  root.render(<NoToken />);
} else {
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
