import type { RequestRouting } from '@daam/shared/api/routes/requests';
import type { ReactNode } from 'react';
import { useIsAdmin } from '../use-console.ts';
import { routingWords } from './routing-words.ts';

/** The rule that sent a request to its approvers, and why it fitted. */
export function Routing({ routing }: { readonly routing: RequestRouting }): ReactNode {
  const isAdmin = useIsAdmin();
  return (
    <>
      {routingWords(routing).map((line) => (
        <p key={line}>{line}</p>
      ))}
      {isAdmin ? (
        <a href="#/admin/settings" className="text-12 text-accent hover:underline">
          Rules of requests
        </a>
      ) : null}
    </>
  );
}
