import type { Retention } from '@daam/shared/api/routes/audit';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/page.tsx';
import { FetchedContent } from '../../ui/states.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useRead } from '../use-console.ts';

const fields = [
  ['statements', 'Statements'],
  ['connections', 'Connections'],
  ['activity', 'Administration'],
] as const;

/** How long which records are kept. */
export function RetentionTab(): ReactNode {
  const retention = useRead(['retention'], async (api) => await api.getAuditRetention());
  return (
    <Section title="Audit retention">
      <FetchedContent query={retention} what="the retention">
        {(found) => <Form key={JSON.stringify(found)} start={found} />}
      </FetchedContent>
    </Section>
  );
}

function Form({ start }: { readonly start: Retention }): ReactNode {
  const { run, failure, isBusy } = useAction();
  const [texts, setTexts] = useState({
    statements: String(start.statements ?? ''),
    connections: String(start.connections ?? ''),
    activity: String(start.activity ?? ''),
  });
  const days = (text: string): number | null => (text.trim() === '' ? null : Number(text));
  const isRight = (text: string): boolean => {
    const count = days(text);
    return count === null || (Number.isInteger(count) && count >= 7 && count <= 36_500);
  };
  const isAllRight = Object.values(texts).every(isRight);
  return (
    <form
      className="flex max-w-2xl flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isAllRight) return;
        const body = {
          statements: days(texts.statements),
          connections: days(texts.connections),
          activity: days(texts.activity),
        };
        void run(async (api) => await api.putAuditRetention({ body }), 'Saved.');
      }}
    >
      <p className="text-text-2">Days; empty: for ever. What is older is removed under a signed proof.</p>
      {fields.map(([name, label]) => (
        <TextField
          key={name}
          label={label}
          inputMode="numeric"
          className="w-56"
          value={texts[name]}
          error={isRight(texts[name]) ? null : 'Write a number of days from 7 to 36500.'}
          onChange={({ target }) => setTexts({ ...texts, [name]: target.value })}
        />
      ))}
      <ActionProblem failure={failure} />
      <div>
        <Button type="submit" look="primary" unavailable={isBusy || !isAllRight}>
          Save
        </Button>
      </div>
    </form>
  );
}
