/** The ordered list of rules: the first that fits a request says who approves it. */
import type { RequestRule } from '@daam/shared/api/routes/requests';
import { ArrowDown, ArrowUp, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Checkbox, Switch } from '../../ui/checkbox.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Section } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { TextArea, TextField } from '../../ui/text-field.tsx';
import { useRead } from '../use-console.ts';
import { documentOf, newRule, operations, withinOf } from './request-rule-draft.ts';

export interface RequestRulesProps {
  readonly rules: readonly RequestRule[];
  readonly onChange: (rules: readonly RequestRule[]) => void;
}

export function RequestRules({ rules, onChange }: RequestRulesProps): ReactNode {
  const move = (from: number, to: number): void => {
    const rule = rules[from];
    if (rule !== undefined) onChange(rules.toSpliced(from, 1).toSpliced(to, 0, rule));
  };
  return (
    <Section
      title="Who approves"
      actions={<Button onClick={() => onChange([...rules, newRule])}>Add rule</Button>}
    >
      <p className="text-text-2">The first rule that fits holds. Without one, one administrator approves.</p>
      <ol className="flex flex-col">
        {rules.map((rule, index) => (
          // eslint-disable-next-line react/no-array-index-key -- a rule is its place: the first that fits holds
          <li key={index} className="border-b border-border py-2">
            <RuleFields
              rule={rule}
              number={index + 1}
              onChange={(changes) => onChange(rules.with(index, { ...rule, ...changes }))}
            >
              {index === 0 ? null : (
                <IconButton
                  icon={ArrowUp}
                  label={`Move rule ${index + 1} up`}
                  onClick={() => move(index, index - 1)}
                />
              )}
              {index === rules.length - 1 ? null : (
                <IconButton
                  icon={ArrowDown}
                  label={`Move rule ${index + 1} down`}
                  onClick={() => move(index, index + 1)}
                />
              )}
              <IconButton
                icon={X}
                label={`Remove rule ${index + 1}`}
                onClick={() => onChange(rules.toSpliced(index, 1))}
              />
            </RuleFields>
          </li>
        ))}
      </ol>
    </Section>
  );
}

interface RuleProps {
  readonly rule: RequestRule;
  readonly number: number;
  readonly onChange: (changes: Partial<RequestRule>) => void;
}

function RuleFields({
  rule,
  number,
  onChange,
  children,
}: RuleProps & { readonly children: ReactNode }): ReactNode {
  const databases = useRead(['databases'], async (api) => await api.listDatabases()).data?.items ?? [];
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="sr-only">Rule {number}</legend>
      <div className="flex flex-wrap items-end gap-2">
        <Select
          label={`Database of rule ${number}`}
          isLabelHidden
          className="w-44"
          value={rule.database ?? ''}
          options={[
            { value: '', label: 'Any database' },
            ...databases.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(value) => onChange({ database: value === '' ? null : value })}
        />
        <Select
          label={`Approvals of rule ${number}`}
          isLabelHidden
          className="w-36"
          value={rule.automatic ? '0' : String(rule.required)}
          options={[0, 1, 2, 3, 4].map((count) => ({
            value: String(count),
            label: count === 0 ? 'no approval' : count === 1 ? '1 approval' : `${count} approvals`,
          }))}
          onChange={(value) =>
            onChange(value === '0' ? { automatic: true } : { automatic: false, required: Number(value) })
          }
        />
        {rule.automatic ? null : (
          <GroupOf
            label={`Group of rule ${number}`}
            approvers={rule.approvers}
            onChange={(approvers) => onChange({ approvers })}
          />
        )}
        {children}
      </div>
      <details className="text-text-2" open={rule.automatic || undefined}>
        <summary className="w-fit cursor-pointer rounded-chip">{conditionWords(rule)}</summary>
        <Conditions rule={rule} number={number} onChange={onChange} />
      </details>
    </fieldset>
  );
}

function conditionWords({ environment, within, maxMinutes, escalation }: RequestRule): string {
  const words = [
    ...(environment === null ? [] : [environment]),
    ...(within === null ? [] : ['certain tables']),
    ...(maxMinutes === null ? [] : [`at most ${maxMinutes} min`]),
    ...(escalation === null ? [] : [`goes on to others after ${escalation.minutes} min`]),
  ];
  return words.length === 0 ? 'For every request' : `Only: ${words.join(', ')}`;
}

function Conditions({ rule, number, onChange }: RuleProps): ReactNode {
  const within = withinOf(rule.within);
  return (
    <div className="flex flex-col gap-2 py-2 pl-4 text-text">
      <div className="flex flex-wrap gap-3">
        <Select
          label="Environment"
          className="w-40"
          value={rule.environment ?? ''}
          options={[
            { value: '', label: 'Any' },
            ...(['production', 'staging', 'development'] as const).map((value) => ({ value, label: value })),
          ]}
          onChange={(value) => onChange({ environment: value === '' ? null : value })}
        />
        <OptionalMinutes
          label={`Longest window of rule ${number}, minutes`}
          value={rule.maxMinutes}
          onChange={(maxMinutes) => onChange({ maxMinutes })}
        />
      </div>
      {within.isForeign ? (
        <p className="text-text-2">Which requests it fits was set by the API, and stays as it is.</p>
      ) : (
        <>
          <TextArea
            label={`Tables of rule ${number}`}
            hint="It fits a request for no more than these, without unmasked columns. One a line: sales.*; empty: whatever is asked for."
            isData
            rows={2}
            value={within.tables}
            onChange={({ target }) => onChange({ within: documentOf(target.value, within.operations) })}
          />
          <span className="flex flex-wrap gap-x-4">
            {operations.map((operation) => (
              <Checkbox
                key={operation}
                label={operation}
                checked={within.operations.includes(operation)}
                onChange={(isOn) => {
                  const next = operations.filter((other) =>
                    other === operation ? isOn : within.operations.includes(other),
                  );
                  if (next.length > 0) onChange({ within: documentOf(within.tables, next) });
                }}
              />
            ))}
          </span>
        </>
      )}
      {rule.automatic ? (
        <p className="text-text-2">Without an approval, a rule has to name tables and a longest window.</p>
      ) : (
        <Escalation rule={rule} number={number} onChange={onChange} />
      )}
    </div>
  );
}

function Escalation({ rule: { escalation }, number, onChange }: RuleProps): ReactNode {
  return (
    <div className="flex flex-col gap-2">
      <Switch
        label="Others may approve when nobody decides"
        checked={escalation !== null}
        onChange={(isOn) =>
          onChange({ escalation: isOn ? { minutes: 30, approvers: newRule.approvers } : null })
        }
      />
      {escalation === null ? null : (
        <div className="flex flex-wrap items-end gap-2">
          <OptionalMinutes
            label={`Rule ${number} goes on after, minutes`}
            value={escalation.minutes}
            onChange={(minutes) => onChange({ escalation: { ...escalation, minutes: minutes ?? 30 } })}
          />
          <GroupOf
            label={`Rule ${number} goes on to`}
            approvers={escalation.approvers}
            onChange={(approvers) => onChange({ escalation: { ...escalation, approvers } })}
          />
        </div>
      )}
    </div>
  );
}

function GroupOf({
  label,
  approvers,
  onChange,
}: {
  readonly label: string;
  readonly approvers: RequestRule['approvers'];
  readonly onChange: (approvers: RequestRule['approvers']) => void;
}): ReactNode {
  const groups = useRead(['groups'], async (api) => await api.listGroups()).data?.items ?? [];
  const nameOf = (id: string): string => groups.find((group) => group.id === id)?.name ?? id;
  const [first = '', ...others] = approvers.groups;
  const value = first === '' ? '' : `${approvers.admins ? 'both' : 'only'} ${first}`;
  return (
    <>
      <Select
        label={label}
        isLabelHidden
        className="w-60"
        value={value}
        options={[
          { value: '', label: 'by administrators' },
          ...groups.flatMap(({ id, name }) => [
            { value: `both ${id}`, label: `by administrators and ${name}` },
            { value: `only ${id}`, label: `by ${name}` },
          ]),
        ]}
        onChange={(chosen) => {
          const [kind = '', id = ''] = chosen.split(' ');
          onChange({ ...approvers, admins: kind !== 'only', groups: id === '' ? [] : [id] });
        }}
      />
      {others.length + approvers.users.length === 0 ? null : (
        <span className="text-12 text-text-2">
          also{' '}
          {[
            ...others.map(nameOf),
            ...(approvers.users.length === 0 ? [] : [`${approvers.users.length} named`]),
          ].join(', ')}
        </span>
      )}
    </>
  );
}

function OptionalMinutes({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: number | null;
  readonly onChange: (minutes: number | null) => void;
}): ReactNode {
  return (
    <TextField
      label={label}
      type="number"
      min={1}
      max={43_200}
      className="w-64"
      placeholder="any"
      value={value === null ? '' : String(value)}
      onChange={({ target }) => {
        const minutes = Math.trunc(Number(target.value));
        onChange(target.value === '' || !(minutes >= 1) ? null : Math.min(43_200, minutes));
      }}
    />
  );
}
