/** Writing a database into the files that libpq reads: what would change is shown first. */
import { type AppError, toAppError } from '@daam/shared/errors/app-error';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { ClientFileChange, Database, Params } from '../../ipc/schema.ts';
import { useBridge } from '../bridge/bridge-context.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/states.tsx';

type Asked = Omit<Params<'previewClientFile'>, 'database'>;

const fileNames = { service: 'pg_service.conf', password: '.pgpass' } as const;

export interface ClientFilesProps {
  readonly database: Database;
  /** Whether local ports ask for one: without it there is nothing for a password file. */
  readonly hasPassword: boolean;
}

export function ClientFiles({ database, hasPassword }: ClientFilesProps): ReactNode {
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <div className="flex flex-wrap gap-2">
      <Button onClick={() => setAsked({ file: 'service', want: 'present' })}>
        Write to pg_service.conf…
      </Button>
      {hasPassword ? (
        <Button onClick={() => setAsked({ file: 'password', want: 'present' })}>Write to .pgpass…</Button>
      ) : null}
      {asked === null ? null : (
        <ChangeDialog
          key={`${asked.file} ${asked.want}`}
          database={database}
          asked={asked}
          onWant={(want) => setAsked({ ...asked, want })}
          onClose={() => setAsked(null)}
        />
      )}
    </div>
  );
}

interface ChangeDialogProps {
  readonly database: Database;
  readonly asked: Asked;
  readonly onWant: (want: Asked['want']) => void;
  readonly onClose: () => void;
}

function ChangeDialog({ database, asked, onWant, onClose }: ChangeDialogProps): ReactNode {
  const bridge = useBridge();
  const announce = useAnnounce();
  const { change, problem, look } = usePreview(database, asked);
  const [failure, setFailure] = useState<AppError | null>(null);
  const isNothing = change !== null && change.added.length === 0 && change.removed.length === 0;

  async function write(basis: string): Promise<void> {
    try {
      const { path } = await bridge.call('writeClientFile', { ...asked, database: database.id, basis });
      announce(`${path} was written.`);
      onClose();
    } catch (thrown) {
      setFailure(toAppError(thrown));
      await look();
    }
  }
  const shown = failure ?? problem;
  return (
    <Dialog
      title={`${database.name} in ${fileNames[asked.file]}`}
      isOpen
      onClose={onClose}
      className="w-160"
      footer={
        <>
          {asked.want === 'present' ? (
            <Button onClick={() => onWant('absent')}>Take it out instead…</Button>
          ) : (
            <Button onClick={() => onWant('present')}>Write it instead…</Button>
          )}
          <Button
            look="primary"
            unavailable={change === null || isNothing}
            onClick={() => (change === null || isNothing ? undefined : void write(change.basis))}
          >
            {asked.want === 'present' ? 'Write' : 'Take out'}
          </Button>
        </>
      }
    >
      {shown === null ? null : <Problem error={shown} />}
      {change === null ? null : <Change change={change} />}
      {asked.file === 'service' && asked.want === 'present' ? (
        <p className="mt-2 text-12 text-text-2">
          Then <code className="font-data">psql {keywordWord(database.name)}</code> is enough, in every
          program on libpq.
        </p>
      ) : null}
    </Dialog>
  );
}

/** As the argument of a shell where the name is plain; in words where it is not. */
function keywordWord(name: string): string {
  return /^[\w.-]+$/.test(name) ? `service=${name}` : '"service=…"';
}

/** Read anew each time: what is in the file is the basis of what is written. */
function usePreview(database: Database, asked: Asked) {
  const bridge = useBridge();
  const query = useQuery({
    queryKey: ['client-file', database.id, asked.file, asked.want],
    queryFn: () => bridge.call('previewClientFile', { ...asked, database: database.id }),
    staleTime: 0,
    gcTime: 0,
  });
  return {
    change: query.isFetching ? null : (query.data ?? null),
    problem: query.error === null ? null : toAppError(query.error),
    look: query.refetch,
  };
}

function Change({ change }: { readonly change: ClientFileChange }): ReactNode {
  const { path, removed, added, otherLines } = change;
  if (removed.length === 0 && added.length === 0)
    return (
      <p>
        Nothing changes in <span className="font-data">{path}</span>.
      </p>
    );
  return (
    <>
      <p className="mb-2">
        In <span className="font-data break-all">{path}</span>. {otherLines}{' '}
        {otherLines === 1 ? 'other line stays' : 'other lines stay'} as{' '}
        {otherLines === 1 ? 'it is' : 'they are'}.
      </p>
      <section
        aria-label="Lines that change"
        className="rounded-control border border-border bg-sunken p-2 font-data text-12"
      >
        <Lines mark="−" word="Removed" className="text-bad" lines={removed} />
        <Lines mark="+" word="Added" className="text-ok" lines={added} />
      </section>
    </>
  );
}

interface LinesProps {
  readonly mark: string;
  readonly word: string;
  readonly className: string;
  readonly lines: readonly string[];
}

function Lines({ mark, word, className, lines }: LinesProps): ReactNode {
  return lines.map((line, at) => (
    // eslint-disable-next-line react/no-array-index-key -- lines have no other name, and do not move
    <div key={`${mark}${at}`} className={`break-all whitespace-pre-wrap ${className}`}>
      <span aria-hidden="true">{mark} </span>
      <span className="sr-only">{word}: </span>
      {line}
    </div>
  ));
}
