import type { ReactNode } from 'react';
import type { Database } from '../../ipc/schema.ts';
import { useDatabases } from '../bridge/use-engine-data.ts';
import { Button } from '../ui/button.tsx';
import { useStoredChoice } from '../ui/stored-choice.ts';

/** Once, beside the first Copy button that a person gets: what it is for. Never a tour. */
export function CopyHint({ database }: { readonly database: Database }): ReactNode {
  const [seen, setSeen] = useStoredChoice('daam.hint.copy');
  const first = (useDatabases().data ?? []).find(({ connection }) => connection.kind === 'connected');
  if (seen !== null || first?.id !== database.id) return null;
  return (
    <div className="mt-1.5 flex flex-wrap items-center justify-end gap-x-3 gap-y-1 max-narrow:justify-start">
      <p className="text-text-2">
        Copy gives the line for psql and other programs. {database.name} keeps this port, so it is needed
        once.
      </p>
      <Button look="quiet" aria-label="Got it: close the hint about copying" onClick={() => setSeen('seen')}>
        Got it
      </Button>
    </div>
  );
}
