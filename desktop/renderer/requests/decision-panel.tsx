import type { RequestView } from '@daam/shared/api/routes/requests';
import { useState } from 'react';
import type { ReactNode, RefObject } from 'react';
import { Button } from '../ui/button.tsx';
import { Key } from '../ui/marks.tsx';
import { Section } from '../ui/page.tsx';
import { Problem } from '../ui/states.tsx';
import { TextArea } from '../ui/text-field.tsx';
import { approvalOf, type Narrowed } from './narrower-terms.ts';
import { NarrowControls } from './narrow-controls.tsx';
import { DecisionTouch } from './decision-touch.tsx';
import { useDecision } from './use-decision.ts';

/** Where the keys of a review go. */
export interface DecisionKeys {
  readonly approve: RefObject<HTMLButtonElement | null>;
  readonly deny: RefObject<HTMLButtonElement | null>;
  readonly note: RefObject<HTMLTextAreaElement | null>;
}

export interface DecisionPanelProps {
  readonly request: RequestView;
  /** Where single keys decide, and are shown on the buttons. */
  readonly keys?: DecisionKeys;
}

/** For whoever may decide: approve as asked or less, or deny with a note. */
export function DecisionPanel({ request, keys }: DecisionPanelProps): ReactNode {
  const { decide, waiting, cancel, failure, isBusy } = useDecision();
  const [note, setNote] = useState('');
  const [narrowed, setNarrowed] = useState<Narrowed>({
    without: new Set(),
    levels: new Map(),
    minutes: request.granted.minutes,
  });
  const said = note.trim();
  const terms = approvalOf(request.granted, narrowed);
  return (
    <Section title="Your decision">
      <div className="flex flex-col gap-3">
        {waiting === null ? null : <DecisionTouch waiting={waiting} onCancel={cancel} />}
        <NarrowControls request={request} narrowed={narrowed} onChange={setNarrowed} />
        <TextArea
          label="Note"
          hint="Needed to deny; the requester reads it."
          maxLength={2_000}
          value={note}
          {...(keys === undefined ? {} : { ref: keys.note })}
          onChange={({ target }) => setNote(target.value)}
        />
        {failure === null ? null : <Problem error={failure} />}
        <div className="flex gap-2">
          <Button
            look="primary"
            unavailable={terms === null || isBusy}
            {...(keys === undefined ? {} : { ref: keys.approve, 'aria-keyshortcuts': 'a' })}
            onClick={() =>
              void decide([request], {
                decision: 'approve',
                ...(said === '' ? {} : { note: said }),
                ...terms,
              })
            }
          >
            Approve {keys === undefined ? null : <KeyOf>a</KeyOf>}
          </Button>
          <Button
            look="danger"
            unavailable={said === '' || isBusy}
            {...(keys === undefined ? {} : { ref: keys.deny, 'aria-keyshortcuts': 'x' })}
            onClick={() => void decide([request], { decision: 'deny', note: said })}
          >
            Deny {keys === undefined ? null : <KeyOf>x</KeyOf>}
          </Button>
        </div>
      </div>
    </Section>
  );
}

/** Seen on the button; to a screen reader it is a shortcut and no part of the name. */
function KeyOf({ children }: { readonly children: string }): ReactNode {
  return (
    <span aria-hidden="true">
      <Key>{children}</Key>
    </span>
  );
}
