/** One database's policies: the draft in its visual and its text form, and what leads from it to a publication. */
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { ReactNode } from 'react';
import { useStatus } from '../../bridge/use-engine-data.ts';
import { useAnnounce } from '../../shell/announcer.tsx';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { FetchedContent, Loading, Problem } from '../../ui/states.tsx';
import { useAction, useIsAdmin } from '../use-console.ts';
import type { DraftSaver, DraftView } from './draft-saver.ts';
import { Proposals } from './proposals.tsx';
import { type PolicyStart, useDraft, usePolicyStart } from './use-policies.ts';
import { VisualEditor } from './visual-editor.tsx';

const TextEditor = lazy(async () => ({ default: (await import('./text-editor.tsx')).TextEditor }));
const PublishSheet = lazy(async () => ({ default: (await import('./publish-sheet.tsx')).PublishSheet }));
const PreviewSheet = lazy(async () => ({ default: (await import('./preview-sheet.tsx')).PreviewSheet }));
const HistorySheet = lazy(async () => ({ default: (await import('./history-sheet.tsx')).HistorySheet }));

type Sheet = 'publish' | 'preview' | 'history' | 'discard' | null;

export function PolicyEditor({ database }: { readonly database: string }): ReactNode {
  const isAdmin = useIsAdmin();
  const me = useStatus().data?.account?.userId ?? null;
  const start = usePolicyStart(database, isAdmin ? me : null);
  const queries = useQueryClient();
  const [round, setRound] = useState(0);
  const startOver = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['console-policies', database] });
    setRound(round + 1);
  };
  if (start.data === undefined) {
    return (
      <>
        <PageHeader title={`Policies of ${database}`} />
        <FetchedContent query={start} what="the policies">
          {() => null}
        </FetchedContent>
      </>
    );
  }
  return (
    <Editor
      // After a publication or a discarded draft the editor starts over.
      key={round}
      database={database}
      start={start.data}
      isAdmin={isAdmin}
      onStartOver={startOver}
    />
  );
}

interface EditorProps {
  readonly database: string;
  readonly start: PolicyStart;
  readonly isAdmin: boolean;
  /** Reads anew what is in force and what the draft is. */
  readonly onStartOver: () => Promise<void>;
}

function Editor({ database, start, isAdmin, onStartOver }: EditorProps): ReactNode {
  const [saver, view] = useDraft(database, start);
  const [mode, setMode] = useState<'visual' | 'text'>('visual');
  const [sheet, setSheet] = useState<Sheet>(null);
  const close = (): void => setSheet(null);
  const startOver = async (): Promise<void> => {
    setSheet(null);
    await onStartOver();
  };
  async function open(wanted: Sheet): Promise<void> {
    // What is reviewed is what is saved.
    if (await saver.flush()) setSheet(wanted);
  }
  return (
    <>
      <EditorHeader
        {...{ database, view, isAdmin, mode }}
        revision={start.state.revision}
        onMode={(wanted) => void saver.flush().then(() => setMode(wanted))}
        onOpen={(wanted) => void open(wanted)}
      />
      <DraftProblems view={view} saver={saver} />
      <Proposals database={database} isAdmin={isAdmin} onPublished={() => void startOver()} />
      {mode === 'visual' ? (
        <VisualEditor
          database={database}
          view={view}
          isReadOnly={!isAdmin || view.document === null}
          onChange={(document) => saver.change({ kind: 'document', document })}
        />
      ) : (
        <Suspense fallback={<Loading what="the editor" />}>
          <TextEditor
            database={database}
            view={view}
            isReadOnly={!isAdmin}
            onChange={(text) => saver.change({ kind: 'text', text })}
          />
        </Suspense>
      )}
      <Suspense>
        {sheet === 'preview' ? <PreviewSheet database={database} view={view} onClose={close} /> : null}
        {sheet === 'history' ? (
          <HistorySheet
            database={database}
            isAdmin={isAdmin}
            onClose={close}
            onRestored={() => void startOver()}
          />
        ) : null}
        {sheet === 'publish' && view.draft !== null ? (
          <PublishSheet
            database={database}
            draft={view.draft}
            onClose={close}
            onDone={() => void startOver()}
          />
        ) : null}
      </Suspense>
      {sheet === 'discard' ? (
        <Discard database={database} onClose={close} onDone={() => void startOver()} />
      ) : null}
    </>
  );
}

const stateWords: Readonly<Record<DraftView['state'], string>> = {
  saved: 'Draft saved',
  changed: 'Draft changed',
  saving: 'Saving the draft…',
  failed: 'Draft not saved',
};

function EditorHeader({
  database,
  revision,
  view,
  isAdmin,
  mode,
  onMode,
  onOpen,
}: {
  readonly database: string;
  readonly revision: number;
  readonly view: DraftView;
  readonly isAdmin: boolean;
  readonly mode: 'visual' | 'text';
  readonly onMode: (mode: 'visual' | 'text') => void;
  readonly onOpen: (sheet: Sheet) => void;
}): ReactNode {
  const hasDraft = view.draft !== null || view.state !== 'saved';
  return (
    <PageHeader
      title={`Policies of ${database}`}
      actions={
        <>
          <Button onClick={() => onOpen('preview')}>Preview as…</Button>
          <Button onClick={() => onOpen('history')}>History</Button>
          {isAdmin ? (
            <>
              <Button unavailable={!hasDraft} onClick={() => onOpen('discard')}>
                Discard draft
              </Button>
              <Button
                look="primary"
                unavailable={!hasDraft || view.document === null}
                onClick={() => onOpen('publish')}
              >
                Review & publish
              </Button>
            </>
          ) : null}
        </>
      }
    >
      <Chip>{revision === 0 ? 'nothing in force' : `revision ${revision} in force`}</Chip>
      {hasDraft ? (
        <Chip tone={view.state === 'failed' ? 'bad' : 'warn'}>{stateWords[view.state]}</Chip>
      ) : null}
      {isAdmin ? null : <Chip>read only</Chip>}
      <Segmented
        label="Form"
        value={mode}
        options={[
          { value: 'visual', label: 'Visual' },
          { value: 'text', label: 'Text' },
        ]}
        onChange={onMode}
      />
    </PageHeader>
  );
}

function DraftProblems({ view, saver }: { readonly view: DraftView; readonly saver: DraftSaver }): ReactNode {
  if (view.failure === null && view.document !== null) return null;
  return (
    <div className="flex flex-col gap-2 px-4 py-2">
      {view.failure === null ? null : <Problem error={view.failure} onRetry={() => void saver.flush()} />}
      {view.document === null ? (
        <Notice severity="warning" title="The text is not a valid document yet">
          {view.problems.slice(0, 3).map(({ line, field, message }) => (
            <p key={`${String(line)}${field}${message}`}>
              {line === null ? '' : `Line ${line}: `}
              {field} {message}
            </p>
          ))}
          <p>Until it is, it can only be edited as text, and not published.</p>
        </Notice>
      ) : null}
    </div>
  );
}

function Discard({
  database,
  onClose,
  onDone,
}: {
  readonly database: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}): ReactNode {
  const { run, failure } = useAction();
  const announce = useAnnounce();
  const navigate = useNavigate();
  async function discard(): Promise<void> {
    const isDone = await run(async (api) => await api.deletePolicyDraft({ params: { database } }));
    if (!isDone) return;
    announce('Draft discarded.');
    onDone();
    await navigate({ to: '/admin/policies/$database', params: { database } });
  }
  return (
    <Confirm
      title="Discard your draft?"
      confirmLabel="Discard draft"
      isDanger
      isOpen
      onClose={onClose}
      onConfirm={() => void discard()}
    >
      What is in force stays as it is. What you changed since is gone.
      {failure === null ? null : <Problem error={failure} />}
    </Confirm>
  );
}
