/** What is asked of whoever puts policies in force: a touch of the passkey, and a second administrator. */
import type { PolicySettings } from '@daam/shared/api/routes/publications';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Section } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { FetchedContent } from '../../ui/states.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useIsAdmin, useRead } from '../use-console.ts';

const touches = [
  { value: 'auto', label: 'Of people who have a passkey', detail: 'programs and API tokens publish without' },
  { value: 'always', label: 'Of everybody', detail: 'programs and API tokens publish nothing' },
  { value: 'never', label: 'Of nobody' },
] as const satisfies readonly { value: PolicySettings['touch']; label: string; detail?: string }[];

export function PublishingTab(): ReactNode {
  const settings = useRead(['policy-settings'], async (api) => await api.getPolicySettings({}));
  return (
    <Section title="Putting policies in force">
      <FetchedContent query={settings} what="the settings">
        {(saved) => <Form key={JSON.stringify(saved)} saved={saved} />}
      </FetchedContent>
    </Section>
  );
}

function Form({ saved }: { readonly saved: PolicySettings }): ReactNode {
  const isAdmin = useIsAdmin();
  const { run, failure, isBusy } = useAction();
  const [draft, setDraft] = useState(saved);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(saved);
  return (
    <form
      className="flex max-w-2xl flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void run(async (api) => await api.putPolicySettings({ body: draft }), 'Saved.');
      }}
    >
      <Select
        label="A touch of the passkey for each publication"
        className="w-96 max-w-full"
        value={draft.touch}
        options={[...touches]}
        onChange={(touch) => setDraft({ ...draft, touch })}
      />
      <Checkbox
        label="It takes two: another administrator publishes what one proposed"
        disabled={!isAdmin}
        checked={draft.secondApprover}
        onChange={(secondApprover) => setDraft({ ...draft, secondApprover })}
      />
      <p className="text-text-2">
        Then programs publish nothing, and nobody publishes their own proposal. Changing this needs a recent
        sign-in.
      </p>
      <ActionProblem failure={failure} />
      {isAdmin ? (
        <div>
          <Button type="submit" look="primary" unavailable={!isChanged || isBusy}>
            Save
          </Button>
        </div>
      ) : null}
    </form>
  );
}
