import { type AppError, toAppError } from '@daam/shared/errors/app-error';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useApi } from '../../bridge/use-api.ts';
import { useAnnounce } from '../../shell/announcer.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { CopyBlock } from '../copy-block.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { actorIdOf, type AuditNames, keyOf, sentenceOf } from './record-words.ts';
import { type AuditRecord, neighbourOf } from './use-audit.ts';

/** One record as a sentence and as JSON, with what the same person did before and after. */
export function RecordSheet({
  one,
  names,
  onShow,
  onClose,
}: {
  readonly one: AuditRecord;
  readonly names: AuditNames;
  readonly onShow: (other: AuditRecord) => void;
  readonly onClose: () => void;
}): ReactNode {
  const api = useApi();
  const [failure, setFailure] = useState<AppError | null>(null);
  const [isBusy, setBusy] = useState(false);
  const announce = useAnnounce();
  const hasActor = actorIdOf(one) !== null;
  async function walk(way: 'before' | 'after'): Promise<void> {
    setBusy(true);
    setFailure(null);
    try {
      const found = await neighbourOf(api, one, way);
      if (found !== null) onShow(found);
      const nothing = way === 'before' ? 'Nothing was before it.' : 'Nothing came after it.';
      announce(found === null ? nothing : sentenceOf(found, names));
    } catch (thrown) {
      setFailure(toAppError(thrown));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Dialog
      title="Record"
      shape="sheet"
      isOpen
      onClose={onClose}
      footer={
        hasActor ? (
          <>
            <Button unavailable={isBusy} onClick={() => void walk('before')}>
              Previous by the same actor
            </Button>
            <Button unavailable={isBusy} onClick={() => void walk('after')}>
              Next by the same actor
            </Button>
          </>
        ) : undefined
      }
    >
      <p className="break-words">{sentenceOf(one, names)}</p>
      {one.of !== 'activity' && one.record.session !== null ? (
        <p className="pt-1">
          <a
            href={`#/admin/sessions/${encodeURIComponent(one.record.session)}${one.of === 'statements' ? `?at=${encodeURIComponent(keyOf(one))}` : ''}`}
            className="text-accent hover:underline"
          >
            Replay its session
          </a>
        </p>
      ) : null}
      <ActionProblem failure={failure} />
      <CopyBlock label="As JSON" text={JSON.stringify(one.record, null, 2)} />
    </Dialog>
  );
}
