import type { ReactNode } from 'react';
import { useBridgeQuery } from '../bridge/use-engine-data.ts';
import { useCapabilities } from '../bridge/bridge-context.ts';
import { LocalSwitches } from '../databases/port-section.tsx';
import { Section } from '../ui/page.tsx';
import { FetchedContent } from '../ui/states.tsx';

/** What clients of every local port of this device are asked for; nothing where there are no local ports. */
export function LocalPortsSection(): ReactNode {
  const { localPort } = useCapabilities();
  // Under the key of connections: a switch makes it stale, here as in a database's panel.
  const terms = useBridgeQuery(['connection', 'terms'], 'readLocalTerms', {}, { enabled: localPort });
  if (!localPort) return null;
  return (
    <Section title="Local ports">
      <FetchedContent query={terms} what="the settings of local ports">
        {({ hasLocalPassword, tls }) => <LocalSwitches hasLocalPassword={hasLocalPassword} tls={tls} />}
      </FetchedContent>
    </Section>
  );
}
