import { useState } from 'react';
import type { ReactNode } from 'react';
import { useAnnounce } from '../../shell/announcer.tsx';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Facts } from '../../ui/page.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { duration, timeWithSeconds } from '../../ui/time.ts';
import type { ReplayStep } from './replay-model.ts';
import { useFormattedSql } from './use-formatted-sql.ts';

/** One statement: its text, how it was decided, what it came to. Rows are never recorded. */
export function StepDetail({
  step,
  number,
  link,
}: {
  readonly step: ReplayStep;
  readonly number: number;
  /** The address of this statement, for others. */
  readonly link: string;
}): ReactNode {
  const announce = useAnnounce();
  const [form, setForm] = useState<'formatted' | 'raw'>('formatted');
  const formatted = useFormattedSql(step.text);
  return (
    <section aria-label={`Statement ${number}`} className="min-w-0 border-border px-4 py-3 wide:border-l">
      <div className="flex flex-wrap items-center gap-2 pb-2">
        <h2 className="flex-1 font-bold">
          Statement {number} · {step.verb}
        </h2>
        <Segmented<'formatted' | 'raw'>
          label="Form of the text"
          value={form}
          options={[
            { value: 'formatted', label: 'Formatted' },
            { value: 'raw', label: 'As sent' },
          ]}
          onChange={setForm}
        />
        <Button
          onClick={() =>
            void navigator.clipboard.writeText(link).then(
              () => announce('Link copied.'),
              () => announce('The browser did not allow copying.'),
            )
          }
        >
          Copy link
        </Button>
      </div>
      <pre
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label="Text of the statement"
        className="max-h-80 overflow-auto rounded-panel border border-border bg-sunken p-2 font-data text-12 break-all whitespace-pre-wrap"
      >
        {form === 'raw' ? step.text : formatted}
      </pre>
      {step.isTruncated ? (
        <p className="text-12 text-warn">The text was too long to be recorded whole.</p>
      ) : null}
      <div className="py-3">
        <Facts
          facts={[
            [
              'At',
              <time
                key="at"
                dateTime={new Date(step.at).toISOString()}
                title={new Date(step.at).toISOString()}
              >
                {timeWithSeconds(new Date(step.at).toISOString())}
              </time>,
            ],
            [
              'Decision',
              step.isRefused ? (
                <Chip key="decision" tone="bad">
                  refused {step.sqlstate ?? ''} {step.rule === null ? '' : `by ${step.rule}`}
                </Chip>
              ) : (
                <Chip key="decision" tone="ok">
                  allowed{step.isMasked ? ', masked' : ''}
                </Chip>
              ),
            ],
            ['Tables', step.tables.join(', ') || 'none'],
            ['Result', resultWords(step)],
            ['Policies', step.epoch === null ? '' : `change ${step.epoch} of the database`],
            ...(step.parameters === null
              ? []
              : [
                  [
                    'Parameters',
                    <span key="parameters" className="font-data text-12 break-all">
                      {step.parameters
                        .map((one, index) => `$${index + 1} = ${JSON.stringify(one)}`)
                        .join(', ')}
                    </span>,
                  ] as const,
                ]),
            ['Record', `${step.record.seq} of agent ${step.record.agent.slice(0, 8)}`],
          ]}
        />
      </div>
      <p className="text-12 text-text-2">
        Rows are not recorded.
        {step.parameters === null ? ' Values of parameters are recorded where the policy says so.' : ''}
      </p>
    </section>
  );
}

function resultWords({ isRefused, tookMs, rows, sqlstate, isMasked }: ReplayStep): string {
  if (isRefused) return 'nothing ran';
  if (tookMs === null) return 'not known yet: it runs, or the agent has not delivered the record';
  if (sqlstate !== null) return `failed with ${sqlstate} after ${duration(tookMs)}`;
  return `${rows ?? 0} ${rows === 1 ? 'row' : 'rows'} in ${duration(tookMs)}${isMasked ? ', masked columns shown masked' : ''}`;
}
