import type { DiscoverableDatabase } from '@daam/shared/api/routes/databases';
import { useQuery } from '@tanstack/react-query';
import { Lock } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useBridgeState } from '../bridge/bridge-context.ts';
import { useApi } from '../bridge/use-api.ts';
import { apiKey } from '../bridge/use-engine-data.ts';
import { RequestSheet } from '../requests/request-sheet.tsx';
import { Button } from '../ui/button.tsx';
import { EnvironmentChip } from '../ui/marks.tsx';
import { minuteWords } from './minute-words.ts';

/** Databases that the person has no access to and may ask for; null while that is not known, and where it cannot be. */
export function useDiscoverable(filter: string): readonly DiscoverableDatabase[] | null {
  const api = useApi();
  const isOpen = useBridgeState().kind === 'open';
  const { data } = useQuery({
    queryKey: [apiKey, 'discoverable'],
    queryFn: async () => (await api.listDiscoverableDatabases()).items,
    enabled: isOpen,
    retry: false,
  });
  const text = filter.trim().toLowerCase();
  return data?.filter(({ name, ownerWords }) => `${name} ${ownerWords}`.toLowerCase().includes(text)) ?? null;
}

/** "Available to request", below the person's own databases; nothing where there is none. */
export function DiscoverableList({
  databases,
}: {
  readonly databases: readonly DiscoverableDatabase[];
}): ReactNode {
  const [asked, setAsked] = useState<string | null>(null);
  if (databases.length === 0) return null;
  return (
    <section aria-labelledby="group-discoverable">
      <h2
        id="group-discoverable"
        className="border-b border-border bg-app px-4 py-1.5 text-12 font-bold text-text-2"
      >
        Available to request
      </h2>
      <ul>
        {databases.map((database) => (
          <li
            key={database.id}
            className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-1 border-b border-border px-4 py-1.5 wide:grid wide:grid-cols-[minmax(0,6fr)_7.5rem_minmax(0,10fr)_minmax(0,6fr)_16rem]"
          >
            <span className="flex min-w-0 items-center gap-2">
              <Lock size={14} aria-hidden="true" className="flex-none text-text-3" />
              <span className="font-medium break-all">{database.name}</span>
              <EnvironmentChip environment={database.environment} />
            </span>
            <span className="min-w-0 flex-1 basis-48 break-words text-text-2 wide:col-span-2 wide:col-start-3">
              {wordsOf(database)}
            </span>
            <Button
              aria-label={`Request ${database.name}`}
              className="wide:justify-self-end"
              onClick={() => setAsked(database.name)}
            >
              Request
            </Button>
          </li>
        ))}
      </ul>
      {asked === null ? null : (
        <RequestSheet
          prefill={{ database: asked, table: '', column: null, isUnmask: false, statement: '' }}
          onClose={() => setAsked(null)}
        />
      )}
    </section>
  );
}

function wordsOf({ ownerWords, usualMinutes }: DiscoverableDatabase): string {
  const usual = usualMinutes === null ? '' : `usual answer in ${minuteWords(usualMinutes)}`;
  return [ownerWords, usual].filter((words) => words !== '').join(' · ');
}
