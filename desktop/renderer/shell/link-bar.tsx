import type { ReactNode } from 'react';
import type { Target } from '../../ipc/schema.ts';
import { useDatabases, useStatus } from '../bridge/use-engine-data.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import type { AskedLink } from './use-links.ts';

/** A link from outside of the app asks for a screen: it says which, and that nothing happens by it. */
export function LinkBar({ link: { target, open, dismiss } }: { readonly link: AskedLink }): ReactNode {
  const databases = useDatabases().data ?? [];
  const isSignedIn = useStatus().data?.account !== null;
  const name = (id: string): string => databases.find((each) => each.id === id)?.name ?? id;
  const what = wordsOf(target, name);
  return (
    <div className="px-4 py-3">
      <Notice
        severity="information"
        title={`A link asks to show ${what}`}
        actions={
          <>
            <Button look="primary" onClick={open}>
              Show it
            </Button>
            <Button onClick={dismiss}>Dismiss</Button>
          </>
        }
      >
        It came from outside of DAAM, and anyone can make one. Nothing is run, sent or approved by it.
        {isSignedIn || target.kind === 'join' ? '' : ' You are asked to sign in first.'}
      </Notice>
    </div>
  );
}

function wordsOf(target: Target, name: (id: string) => string): string {
  switch (target.kind) {
    case 'database':
      return `the database ${name(target.id)}`;
    case 'query':
      return target.database === null ? 'the query editor' : `the query editor on ${name(target.database)}`;
    case 'request':
    case 'review':
      return 'an access request';
    case 'session':
      return 'a recorded session';
    case 'join':
      return `the sign-in at ${target.controlPlane}`;
    case 'settings':
      break;
  }
  return 'the settings';
}
