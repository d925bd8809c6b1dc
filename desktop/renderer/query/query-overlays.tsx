import type { ReactNode } from 'react';
import type { EditorTab } from '../../ipc/schema.ts';
import { RequestSheet } from '../requests/request-sheet.tsx';
import type { RequestPrefill } from '../requests/request-form.tsx';
import { useAnnounce } from '../shell/announcer.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { CheckSheet } from './check-sheet.tsx';
import { changeTab } from './query-store.ts';
import { SaveDialog } from './save-dialog.tsx';

export type QueryOverlay =
  | { readonly kind: 'save' }
  | { readonly kind: 'check'; readonly sql: string }
  | { readonly kind: 'close'; readonly tab: string }
  | { readonly kind: 'request'; readonly prefill: RequestPrefill };

export interface QueryOverlaysProps {
  readonly overlay: QueryOverlay | null;
  readonly tab: EditorTab | undefined;
  /** What is written in the editor now. */
  readonly text: () => string | undefined;
  readonly onClose: () => void;
  readonly onCloseTab: (id: string) => void;
  readonly onRequest: () => void;
}

/** What stands above the editor: saving, the check, a request, and the question before a tab with work in it closes. */
export function QueryOverlays(props: QueryOverlaysProps): ReactNode {
  const { overlay, tab, text, onClose, onCloseTab, onRequest } = props;
  const announce = useAnnounce();
  return (
    <>
      {overlay?.kind === 'save' && tab !== undefined ? (
        <SaveDialog
          tab={tab}
          sql={text() ?? tab.sql}
          onClose={onClose}
          onSaved={(saved) => {
            changeTab(tab.id, { title: saved.name, savedQuery: saved.id });
            onClose();
            announce(`Saved ${saved.name}.`);
          }}
        />
      ) : null}
      {overlay?.kind === 'check' && typeof tab?.database === 'string' ? (
        <CheckSheet database={tab.database} sql={overlay.sql} onClose={onClose} onRequest={onRequest} />
      ) : null}
      {overlay?.kind === 'request' ? <RequestSheet prefill={overlay.prefill} onClose={onClose} /> : null}
      <Confirm
        title="Close this tab?"
        confirmLabel="Close tab"
        isDanger
        isOpen={overlay?.kind === 'close'}
        onClose={onClose}
        onConfirm={() => {
          if (overlay?.kind === 'close') onCloseTab(overlay.tab);
        }}
      >
        Its statement is cancelled and its open transaction is rolled back.
      </Confirm>
    </>
  );
}
