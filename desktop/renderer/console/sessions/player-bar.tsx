import { ChevronLeft, ChevronRight, Pause, Play } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode, RefObject } from 'react';
import { useAnnounce } from '../../shell/announcer.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { timeWithSeconds } from '../../ui/time.ts';
import { type ReplayStep, stepAtTime } from './replay-model.ts';

type Speed = '1' | '4' | '16';
type Show = 'all' | 'refused' | 'masked' | 'slow';

/** How it is played, and which statements are shown. */
export interface PlayerChoices {
  readonly speed: Speed;
  readonly skipsIdle: boolean;
  readonly show: Show;
  readonly text: string;
}

export const initialChoices: PlayerChoices = { speed: '4', skipsIdle: true, show: 'all', text: '' };

export interface PlayerBarProps {
  readonly at: number;
  readonly shown: readonly ReplayStep[];
  readonly isPlaying: boolean;
  /** Null: the session is over. */
  readonly follows: boolean | null;
  readonly choices: PlayerChoices;
  readonly searchField: RefObject<HTMLInputElement | null>;
  readonly timeField: RefObject<HTMLInputElement | null>;
  readonly onPlay: () => void;
  readonly onGo: (at: number) => void;
  readonly onFollow: (on: boolean) => void;
  readonly onChange: (changes: Partial<PlayerChoices>) => void;
}

export function PlayerBar(props: PlayerBarProps): ReactNode {
  const { at, shown, isPlaying, follows, choices, onPlay, onGo, onFollow, onChange } = props;
  const { searchField, timeField } = props;
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-border px-4 py-2">
      <IconButton icon={ChevronLeft} label="Previous statement" onClick={() => onGo(at - 1)} />
      <IconButton icon={isPlaying ? Pause : Play} label={isPlaying ? 'Pause' : 'Play'} onClick={onPlay} />
      <IconButton icon={ChevronRight} label="Next statement" onClick={() => onGo(at + 1)} />
      <Segmented<Speed>
        label="Speed"
        value={choices.speed}
        options={[
          { value: '1', label: '1×' },
          { value: '4', label: '4×' },
          { value: '16', label: '16×' },
        ]}
        onChange={(speed) => onChange({ speed })}
      />
      <Checkbox
        label="Skip idle"
        checked={choices.skipsIdle}
        onChange={(skipsIdle) => onChange({ skipsIdle })}
      />
      {follows === null ? null : <Checkbox label="Follow" checked={follows} onChange={onFollow} />}
      <Select<Show>
        label="Which statements"
        isLabelHidden
        className="w-36"
        value={choices.show}
        options={[
          { value: 'all', label: 'All' },
          { value: 'refused', label: 'Refused' },
          { value: 'masked', label: 'Masked' },
          { value: 'slow', label: 'Over 1 s' },
        ]}
        onChange={(show) => onChange({ show })}
      />
      <TextField
        ref={searchField}
        label="Search the statements"
        isLabelHidden
        placeholder="Search text or table  /"
        type="search"
        className="w-56"
        value={choices.text}
        onChange={({ target }) => onChange({ text: target.value })}
      />
      <GoToTime field={timeField} steps={shown} onGo={(found) => onGo(shown.indexOf(found))} />
      <span className="text-12 text-text-2">
        {shown.length === 0 ? 'none' : `${at + 1} of ${shown.length}`}
      </span>
    </div>
  );
}

/** A time of day to which the player goes at Enter. */
function GoToTime({
  field,
  steps,
  onGo,
}: {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly steps: readonly ReplayStep[];
  readonly onGo: (step: ReplayStep) => void;
}): ReactNode {
  const announce = useAnnounce();
  const [text, setText] = useState('');
  const [isWrong, setWrong] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const found = stepAtTime(steps, text);
        setWrong(found === null);
        if (found === null) return;
        onGo(found);
        announce(`At ${timeWithSeconds(new Date(found.at).toISOString())}.`);
      }}
    >
      <TextField
        ref={field}
        label="Go to a time"
        isLabelHidden
        placeholder="Go to 09:41  g"
        className="w-32"
        maxLength={8}
        value={text}
        error={isWrong ? 'Write 09:41 or 09:41:07.' : null}
        onChange={({ target }) => {
          setText(target.value);
          setWrong(false);
        }}
      />
    </form>
  );
}
