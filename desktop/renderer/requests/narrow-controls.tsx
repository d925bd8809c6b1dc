import type { RequestView } from '@daam/shared/api/routes/requests';
import type { ReactNode } from 'react';
import { Checkbox } from '../ui/checkbox.tsx';
import { Select } from '../ui/select.tsx';
import { duration } from '../ui/time.ts';
import { type AskedPart, levels, type Narrowed, partsOf } from './narrower-terms.ts';

const times = [15, 60, 240, 480, 1_440];

export interface NarrowControlsProps {
  readonly request: RequestView;
  readonly narrowed: Narrowed;
  readonly onChange: (narrowed: Narrowed) => void;
}

/** Less than what is asked for: a shorter time, without some of it, a column at a weaker mask instead of none. */
export function NarrowControls({ request, narrowed, onChange }: NarrowControlsProps): ReactNode {
  const parts = partsOf(request.granted.access);
  const asked = request.granted.minutes;
  return (
    <div className="flex flex-col gap-2">
      <Select
        label="Give it for"
        className="w-48"
        value={String(narrowed.minutes)}
        options={[...new Set([...times.filter((each) => each < asked), asked])].map((each) => ({
          value: String(each),
          label: duration(each * 60_000),
          ...(each === asked ? { detail: 'as asked' } : {}),
        }))}
        onChange={(value) => onChange({ ...narrowed, minutes: Number(value) })}
      />
      {parts.length < 2 && !parts.some(({ isLevel }) => isLevel) ? null : (
        <fieldset>
          <legend className="font-medium">Give</legend>
          {parts.map((part) => (
            <Part key={part.key} part={part} narrowed={narrowed} onChange={onChange} />
          ))}
        </fieldset>
      )}
    </div>
  );
}

function Part({
  part: { key, text, isLevel },
  narrowed,
  onChange,
}: Pick<NarrowControlsProps, 'narrowed' | 'onChange'> & { readonly part: AskedPart }): ReactNode {
  const isGiven = !narrowed.without.has(key);
  const toggle = (isOn: boolean): void => {
    const without = new Set(narrowed.without);
    if (isOn) without.delete(key);
    else without.add(key);
    onChange({ ...narrowed, without });
  };
  return (
    <div className="flex flex-wrap items-center gap-x-3">
      <Checkbox label={<span className="break-all">{text}</span>} checked={isGiven} onChange={toggle} />
      {isLevel && isGiven ? (
        <Select
          label={`Mask of ${text.split(' ')[0] ?? ''}`}
          isLabelHidden
          className="w-44"
          value={narrowed.levels.get(key) ?? 'none'}
          options={[
            { value: 'none', label: 'no mask', detail: 'as asked' },
            ...levels.map((value) => ({ value, label: `masked by ${value}` })),
          ]}
          onChange={(value) => {
            const chosen = new Map(narrowed.levels);
            if (value === 'none') chosen.delete(key);
            else chosen.set(key, value);
            onChange({ ...narrowed, levels: chosen });
          }}
        />
      ) : null}
    </div>
  );
}
