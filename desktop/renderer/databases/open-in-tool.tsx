import { toAppError } from '@daam/shared/errors/app-error';
import type { ReactNode } from 'react';
import type { Database, LocalAddress, Result } from '../../ipc/schema.ts';
import { useBridge, useCapabilities } from '../bridge/bridge-context.ts';
import { useBridgeQuery } from '../bridge/use-engine-data.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { findFormat } from './connection-formats.ts';
import { useCopyConnection } from './copy-secret.ts';

export interface OpenInToolProps {
  readonly database: Database;
  readonly local: LocalAddress;
}

/** Buttons for the database programs that are on this machine; nothing where none is, or this shell starts none. */
export function OpenInTool({ database, local }: OpenInToolProps): ReactNode {
  const bridge = useBridge();
  const announce = useAnnounce();
  const copyConnection = useCopyConnection();
  const { openInTool } = useCapabilities();
  const tools = useBridgeQuery(['tools'], 'listTools', {}, { enabled: openInTool }).data ?? [];
  async function open({ id, label, pastes }: Result<'listTools'>[number]): Promise<void> {
    try {
      if (pastes !== null) await copyConnection({ format: findFormat(pastes), address: local });
      await bridge.call('openInTool', { database: database.id, tool: id });
      announce(
        pastes === null
          ? `${label} was started.`
          : `${label} was started. Paste there what was copied, as a data source from URL.`,
      );
    } catch (thrown) {
      announce(toAppError(thrown).message);
    }
  }
  if (!openInTool || tools.length === 0) return null;
  return (
    <div className="flex flex-wrap gap-2">
      {tools.map((tool) => (
        <Button key={tool.id} onClick={() => void open(tool)}>
          Open in {tool.label}
        </Button>
      ))}
    </div>
  );
}
