import type { ColumnExplanation } from '@daam/shared/api/policies';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useApi } from '../../bridge/use-api.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Section } from '../../ui/page.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { assignedWords, sourcesWords } from '../access-matrix.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction } from '../use-console.ts';

/** Why a person can or cannot see a column, rule by rule. */
export function WhyColumn({
  database,
  user,
}: {
  readonly database: string;
  readonly user: string;
}): ReactNode {
  const api = useApi();
  const { run, failure, isBusy } = useAction();
  const [column, setColumn] = useState('');
  const [answer, setAnswer] = useState<ColumnExplanation | null>(null);
  return (
    <Section title="Why can or can’t they see a column?">
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          void run(async () =>
            setAnswer(
              await api.explainColumn({ params: { database }, query: { column: column.trim(), user } }),
            ),
          );
        }}
      >
        <TextField
          label="Column"
          isData
          placeholder="public.customers.email"
          className="w-80"
          value={column}
          onChange={({ target }) => setColumn(target.value)}
        />
        <Button type="submit" unavailable={isBusy || column.split('.').length < 3}>
          Explain
        </Button>
      </form>
      <ActionProblem failure={failure} />
      {answer === null ? null : (
        <output className="block py-2">
          <p className="font-medium">{answer.answer}</p>
          <ul className="flex flex-col gap-1 py-1">
            {answer.rules.map(({ kind, text, decisive, source, assignedBy }) => (
              <li key={`${kind}${text}${source?.path ?? ''}`} className="flex flex-wrap items-center gap-2">
                <Chip tone={decisive ? 'warn' : 'neutral'}>{kind}</Chip>
                <span className="break-words">{text}</span>
                <span className="text-12 text-text-2">
                  {[
                    ...(source === null ? [] : [sourcesWords([source])]),
                    ...assignedBy.map(assignedWords),
                  ].join('; ')}
                </span>
              </li>
            ))}
          </ul>
          {answer.nextStep === null ? null : <p className="text-text-2">{answer.nextStep}</p>}
        </output>
      )}
    </Section>
  );
}
