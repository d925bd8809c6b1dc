import type { PolicyEntry } from '@daam/shared/policy/document';
import { isDuration } from '@daam/shared/policy/duration';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Section } from '../../ui/page.tsx';
import { Switch } from '../../ui/checkbox.tsx';
import { TextField } from '../../ui/text-field.tsx';

type Limit = keyof PolicyEntry['limits'];

const limits: readonly {
  readonly name: Limit;
  readonly label: string;
  readonly hint: string;
  readonly isTime: boolean;
}[] = [
  { name: 'maxRows', label: 'Rows of one result', hint: 'For example 10000', isTime: false },
  { name: 'statementTimeout', label: 'A statement may take', hint: 'For example 30s', isTime: true },
  { name: 'idleTimeout', label: 'Idle sessions end after', hint: 'For example 30m', isTime: true },
  { name: 'maxSessionDuration', label: 'Sessions end after', hint: 'For example 8h', isTime: true },
  {
    name: 'matchesPerStatement',
    label: 'Masked values compared in one statement',
    hint: 'Bounds guessing by conditions',
    isTime: false,
  },
  {
    name: 'matchesPerHour',
    label: 'Masked values compared in an hour',
    hint: 'Bounds guessing over time',
    isTime: false,
  },
];

export interface LimitsPanelProps {
  readonly policy: PolicyEntry;
  readonly isReadOnly: boolean;
  readonly onChange: (policy: PolicyEntry) => void;
}

/** What holds for every statement under the policy. Of several policies the strictest holds. */
export function LimitsPanel({ policy, isReadOnly, onChange }: LimitsPanelProps): ReactNode {
  const recordsValues = policy.audit?.parameters === true;
  return (
    <Section title="Limits">
      <div className="grid max-w-3xl gap-4 wide:grid-cols-2">
        {limits.map((limit) => (
          <LimitField key={limit.name} limit={limit} {...{ policy, isReadOnly, onChange }} />
        ))}
      </div>
      <div className="mt-4 max-w-3xl">
        <Switch
          label="Record the values of parameters"
          hint="In the audit, where no mask is concerned. Statements are recorded anyway."
          checked={recordsValues}
          disabled={isReadOnly}
          onChange={(parameters) => onChange({ ...policy, audit: { parameters } })}
        />
      </div>
    </Section>
  );
}

function LimitField({
  limit: { name, label, hint, isTime },
  policy,
  isReadOnly,
  onChange,
}: LimitsPanelProps & { readonly limit: (typeof limits)[number] }): ReactNode {
  const kept = policy.limits[name];
  const [text, setText] = useState(kept === undefined ? '' : String(kept));
  const [problem, setProblem] = useState<string | null>(null);
  function change(value: string): void {
    setText(value);
    const said = value.trim();
    const isRight = said === '' || (isTime ? isDuration(said) : /^\d{1,9}$/.test(said));
    setProblem(isRight ? null : isTime ? 'Write it as 30s, 30m or 8h.' : 'Write a whole number.');
    if (!isRight) return;
    const { [name]: _, ...others } = policy.limits;
    onChange({
      ...policy,
      limits: said === '' ? others : { ...others, [name]: isTime ? said : Number(said) },
    });
  }
  return (
    <TextField
      label={label}
      hint={hint}
      placeholder="no limit"
      readOnly={isReadOnly}
      value={text}
      error={problem}
      onChange={({ target }) => change(target.value)}
    />
  );
}
