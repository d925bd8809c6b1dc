import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { CopyBlock } from '../copy-block.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction } from '../use-console.ts';

type Role = 'member' | 'auditor' | 'admin';

export const roleOptions: readonly {
  readonly value: Role;
  readonly label: string;
  readonly detail: string;
}[] = [
  { value: 'member', label: 'Member', detail: 'works with databases' },
  { value: 'auditor', label: 'Auditor', detail: 'sees everything, changes nothing' },
  { value: 'admin', label: 'Administrator', detail: 'changes everything' },
];

/** A new person, and the link with which they make their passkey. */
export function AddPersonDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { run, failure, isBusy } = useAction();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('member');
  const [added, setAdded] = useState<string | null>(null);
  const [invitation, setInvitation] = useState<string | null>(null);
  async function add(): Promise<void> {
    let id = added;
    await run(async (api) => {
      if (id === null) {
        id = (await api.createUser({ body: { email: email.trim(), role } })).id;
        setAdded(id);
      }
      setInvitation((await api.inviteUser({ params: { id } })).url);
    }, `${email.trim()} added.`);
  }
  return (
    <Dialog
      title="Add a person"
      isOpen
      onClose={onClose}
      footer={
        invitation === null ? (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" unavailable={isBusy || !email.includes('@')} onClick={() => void add()}>
              {added === null ? 'Add and invite' : 'Invite'}
            </Button>
          </>
        ) : (
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        )
      }
    >
      <div className="flex flex-col gap-4">
        <TextField
          label="E-mail"
          type="email"
          readOnly={added !== null}
          value={email}
          onChange={({ target }) => setEmail(target.value)}
        />
        {added === null ? (
          <Select<Role> label="Role" value={role} options={roleOptions} onChange={setRole} />
        ) : null}
        <ActionProblem failure={failure} />
        {invitation === null ? null : (
          <>
            <p>Send them this link. It works once; with it they make their passkey.</p>
            <CopyBlock label="Invitation" text={invitation} />
          </>
        )}
      </div>
    </Dialog>
  );
}
