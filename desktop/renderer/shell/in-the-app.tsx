import type { ReactNode } from 'react';
import { buttonClass } from '../ui/button.tsx';
import { Button } from '../ui/button.tsx';
import { PageHeader, Section } from '../ui/page.tsx';
import { useAnnounce } from './announcer.tsx';

export interface InTheAppProps {
  readonly title: string;
  /** Why this is not done in a browser at the control plane's address. */
  readonly reason: string;
  /** Name of the database that was asked for, where it is one. */
  readonly database?: string;
  readonly view: 'connect' | 'query' | 'settings';
}

/** A view that needs the engine on the person's own machine: why, the link that opens it there, and the line for a terminal. */
export function InTheApp({ title, reason, database, view }: InTheAppProps): ReactNode {
  const announce = useAnnounce();
  const line = `daam connect${database === undefined ? '' : ` ${shellWord(database)}`}`;
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(line).then(
      () => announce('Copied the command.'),
      () => announce('The browser did not allow copying.'),
    );
  }
  return (
    <>
      <PageHeader title={title} />
      <Section title="This view is in the app">
        <p className="mb-3 max-w-xl text-text-2">{reason}</p>
        <p className="mb-3">
          <a href={linkTo(view, database)} className={buttonClass('primary')}>
            Open in the desktop app
          </a>
        </p>
        <p className="text-text-2">Or in a terminal of your machine:</p>
        <p className="mt-1 flex flex-wrap items-center gap-2">
          <code className="rounded-control border border-border bg-sunken px-2 py-1 font-data text-12 break-all">
            {line}
          </code>
          <Button aria-label="Copy the command" onClick={() => void copy()}>
            Copy
          </Button>
        </p>
      </Section>
    </>
  );
}

function linkTo(view: InTheAppProps['view'], database: string | undefined): string {
  if (view === 'settings') return 'daam://settings';
  if (view === 'connect' && database !== undefined) return `daam://connect/${encodeURIComponent(database)}`;
  return database === undefined ? 'daam://query' : `daam://query?db=${encodeURIComponent(database)}`;
}

/** One word of a POSIX shell, whatever is in it. */
function shellWord(text: string): string {
  return /^[A-Za-z0-9_.-]+$/.test(text) && !text.startsWith('-')
    ? text
    : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
