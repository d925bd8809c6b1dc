import { useState } from 'react';
import type { ReactNode } from 'react';
import { Dialog } from '../../ui/dialog.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { FetchedContent } from '../../ui/states.tsx';
import { AccessMatrix } from '../access-matrix.tsx';
import { useRead } from '../use-console.ts';
import type { DraftView } from './draft-saver.ts';

export interface PreviewSheetProps {
  readonly database: string;
  readonly view: DraftView;
  readonly onClose: () => void;
}

type Kind = 'user' | 'group';

/** What a person or a group could do under the draft. */
export function PreviewSheet({ database, view, onClose }: PreviewSheetProps): ReactNode {
  const users = useRead(['users'], async (api) => await api.listUsers({ query: { limit: 500 } }));
  const groups = useRead(['groups'], async (api) => await api.listGroups());
  const [kind, setKind] = useState<Kind>('user');
  const [chosen, setChosen] = useState('');
  const names =
    kind === 'user'
      ? (users.data?.items ?? []).map(({ email }) => email)
      : (groups.data?.items ?? []).map(({ name }) => name);
  const subject = names.includes(chosen) ? chosen : (names[0] ?? '');
  const { document, draft } = view;
  const access = useRead(
    ['preview', database, kind, subject, draft?.edition ?? 0],
    async (api) =>
      await api.previewAccess({
        params: { database },
        body: {
          ...(document === null ? {} : { document: { ...document } }),
          ...(kind === 'user' ? { user: subject } : { group: subject }),
          limit: 200,
        },
      }),
    { enabled: subject !== '' },
  );
  return (
    <Dialog
      title={`Preview ${draft === null ? 'what is in force' : 'your draft'} as…`}
      shape="sheet"
      isOpen
      onClose={onClose}
      className="w-200"
    >
      <div className="flex flex-wrap items-end gap-2 pb-3">
        <Segmented<Kind>
          label="Whom"
          value={kind}
          options={[
            { value: 'user', label: 'Person' },
            { value: 'group', label: 'Group' },
          ]}
          onChange={setKind}
        />
        {names.length === 0 ? (
          <p className="text-text-2">There are none yet.</p>
        ) : (
          <Select
            label={kind === 'user' ? 'Person' : 'Group'}
            isLabelHidden
            className="w-72"
            value={subject}
            options={names.map((name) => ({ value: name, label: name }))}
            onChange={setChosen}
          />
        )}
      </div>
      {subject === '' ? null : (
        <FetchedContent query={access} what="their access">
          {(found) => <AccessMatrix access={found} />}
        </FetchedContent>
      )}
    </Dialog>
  );
}
