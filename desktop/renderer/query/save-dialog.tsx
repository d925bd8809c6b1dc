import { toAppError } from '@daam/shared/errors/app-error';
import type { AppError } from '@daam/shared/errors/app-error';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { EditorTab, SavedQuery } from '../../ipc/schema.ts';
import { useBridge } from '../bridge/bridge-context.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/states.tsx';
import { TextArea, TextField } from '../ui/text-field.tsx';

export interface SaveDialogProps {
  readonly tab: EditorTab;
  readonly sql: string;
  readonly onSaved: (saved: SavedQuery) => void;
  readonly onClose: () => void;
}

/** Gives the text of a tab a name. Only the text is kept, never results. */
export function SaveDialog({ tab, sql, onSaved, onClose }: SaveDialogProps): ReactNode {
  const bridge = useBridge();
  const [name, setName] = useState(tab.title);
  const [folder, setFolder] = useState('');
  const [description, setDescription] = useState('');
  const [problem, setProblem] = useState<AppError | null>(null);
  async function save(): Promise<void> {
    try {
      onSaved(
        await bridge.call('saveQuery', {
          id: tab.savedQuery,
          name: name.trim(),
          folder: folder.trim(),
          description: description.trim(),
          database: tab.database,
          sql,
        }),
      );
    } catch (thrown) {
      setProblem(toAppError(thrown));
    }
  }
  return (
    <Dialog
      title="Save query"
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" unavailable={name.trim() === ''} onClick={() => void save()}>
            Save
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') void save();
        }}
      >
        <TextField
          label="Name"
          maxLength={120}
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <TextField
          label="Folder"
          maxLength={120}
          value={folder}
          onChange={({ target }) => setFolder(target.value)}
        />
        <TextArea
          label="Description"
          maxLength={2_000}
          value={description}
          onChange={({ target }) => setDescription(target.value)}
        />
        {problem === null ? null : <Problem error={problem} />}
        <button type="submit" hidden>
          Save
        </button>
      </form>
    </Dialog>
  );
}
