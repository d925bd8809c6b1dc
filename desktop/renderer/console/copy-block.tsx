import type { ReactNode } from 'react';
import { useAnnounce } from '../shell/announcer.tsx';
import { Button } from '../ui/button.tsx';

/** Text for a shell, a file or a form, with a button that copies it. */
export function CopyBlock({ label, text }: { readonly label: string; readonly text: string }): ReactNode {
  const announce = useAnnounce();
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      announce(`${label} copied.`);
    } catch {
      announce('The browser did not allow copying. Select the text instead.');
    }
  }
  return (
    <div className="flex flex-col gap-1 py-2">
      <div className="flex items-center gap-2">
        <span className="flex-1 font-medium">{label}</span>
        <Button aria-label={`Copy ${label}`} onClick={() => void copy()}>
          Copy
        </Button>
      </div>
      <pre
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={label}
        className="max-h-72 overflow-auto rounded-panel border border-border bg-sunken p-2 font-data text-12 break-all whitespace-pre-wrap"
      >
        {text}
      </pre>
    </div>
  );
}
