import type { RequestSettings } from '@daam/shared/api/routes/requests';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { approvalWords } from '../../requests/approval-words.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Section } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { TextArea } from '../../ui/text-field.tsx';
import { duration } from '../../ui/time.ts';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useRead } from '../use-console.ts';
import { documentOf, type Operation, operations } from './request-rule-draft.ts';

interface Tried {
  readonly database: string;
  readonly requester: string;
  readonly tables: string;
  readonly operations: readonly Operation[];
  readonly minutes: number;
}

/** "Who would approve this?": tries the rules as they stand in the form, saved or not. */
export function WhoApprovesBox({ rules }: { readonly rules: RequestSettings['rules'] }): ReactNode {
  const { run, failure, isBusy } = useAction();
  const databases = useRead(['databases'], async (api) => await api.listDatabases()).data?.items ?? [];
  const people = useRead(['users'], async (api) => await api.listUsers()).data?.items ?? [];
  const [tried, setTried] = useState<Tried>({
    database: '',
    requester: '',
    tables: '*.*',
    operations: ['select'],
    minutes: 60,
  });
  const [answer, setAnswer] = useState<readonly string[] | null>(null);
  const database = tried.database === '' ? (databases[0]?.id ?? '') : tried.database;
  const change = (changes: Partial<Tried>): void => {
    setTried({ ...tried, ...changes });
    setAnswer(null);
  };
  const access = documentOf(tried.tables, tried.operations);
  const isReady = database !== '' && access !== null && !isBusy;
  const check = (): void =>
    void run(async (api) => {
      const found = await api.checkRequestRules({
        body: {
          rules,
          database,
          ...(tried.requester === '' ? {} : { requester: tried.requester }),
          access: access ?? {},
          minutes: tried.minutes,
        },
      });
      const rule = found.rule === null ? 'No rule fits it.' : `Rule ${found.rule + 1} fits it.`;
      setAnswer([rule, ...approvalWords(found)]);
    });
  return (
    <Section title="Who would approve this?">
      <div className="flex flex-col gap-2">
        <div className="flex flex-wrap gap-3">
          <Select
            label="Of the database"
            className="w-44"
            value={database}
            options={databases.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(value) => change({ database: value })}
          />
          <Select
            label="Asked for by"
            className="w-60"
            value={tried.requester}
            options={[
              { value: '', label: 'anybody' },
              ...people.map(({ id, email }) => ({ value: id, label: email })),
            ]}
            onChange={(requester) => change({ requester })}
          />
          <Select
            label="For"
            className="w-32"
            value={String(tried.minutes)}
            options={[15, 30, 60, 240, 480, 1_440].map((minutes) => ({
              value: String(minutes),
              label: duration(minutes * 60_000),
            }))}
            onChange={(value) => change({ minutes: Number(value) })}
          />
        </div>
        <TextArea
          label="Tables to try"
          isData
          rows={2}
          value={tried.tables}
          onChange={({ target }) => change({ tables: target.value })}
        />
        <span className="flex flex-wrap gap-x-4">
          {operations.map((operation) => (
            <Checkbox
              key={operation}
              label={`try ${operation}`}
              checked={tried.operations.includes(operation)}
              onChange={(isOn) => {
                const next = operations.filter((other) =>
                  other === operation ? isOn : tried.operations.includes(other),
                );
                if (next.length > 0) change({ operations: next });
              }}
            />
          ))}
        </span>
        <div>
          <Button unavailable={!isReady} onClick={check}>
            Check
          </Button>
        </div>
        <ActionProblem failure={failure} />
        {answer === null ? null : (
          <Notice severity="information" title={answer[0] ?? ''}>
            {answer.slice(1).join(' ')}
          </Notice>
        )}
      </div>
    </Section>
  );
}
