import { ChevronLeft, ChevronRight, Pause, Play } from 'lucide-react';
import { useRef, useState } from 'react';
import type { ReactNode, RefObject } from 'react';
import { useSettings } from '../../bridge/use-settings.ts';
import { useAnnounce } from '../../shell/announcer.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { timeWithSeconds } from '../../ui/time.ts';
import { policyMarks, type ReplayStep, stepAtTime } from './replay-model.ts';
import { StepDetail } from './step-detail.tsx';
import { StepList } from './step-list.tsx';
import { Timeline } from './timeline.tsx';
import { usePlayerKeys, usePlaying } from './use-player.ts';

type Speed = '1' | '4' | '16';
type Show = 'all' | 'refused' | 'masked' | 'slow';
const slowMs = 1_000;

export interface PlayerProps {
  readonly steps: readonly ReplayStep[];
  readonly isLive: boolean;
  /** The change of policies under which the session began. */
  readonly openedEpoch: number | null;
  /** The statement that the address names. */
  readonly linked: string | null;
  /** The address of a statement, for others. */
  readonly linkTo: (step: ReplayStep) => string;
}

/** Timeline, list and the chosen statement; Space plays, arrows step, / searches, g goes to a time. */
export function Player({ steps, isLive, openedEpoch, linked, linkTo }: PlayerProps): ReactNode {
  const [chosen, setChosen] = useState<string | null>(linked);
  const [isPlaying, setPlaying] = useState(false);
  const [follows, setFollows] = useState(isLive && linked === null);
  const [speed, setSpeed] = useState<Speed>('4');
  const [skipsIdle, setSkipsIdle] = useState(true);
  const [show, setShow] = useState<Show>('all');
  const [text, setText] = useState('');
  const search = useRef<HTMLInputElement>(null);
  const time = useRef<HTMLInputElement>(null);
  const { singleKeys } = useSettings().keyboard;
  const shown = steps.filter((step) => isShown(step, show, text));
  const marks = policyMarks(steps, openedEpoch);
  const wanted = follows && chosen === null ? shown.length - 1 : shown.findIndex(({ id }) => id === chosen);
  const at = Math.max(0, wanted);
  const step = shown[at];

  function go(to: number): void {
    const target = shown[Math.min(Math.max(to, 0), shown.length - 1)];
    setChosen(target?.id ?? null);
    setFollows(false);
  }
  usePlaying({ isPlaying, step, next: shown[at + 1] }, { speed: Number(speed), skipsIdle }, (id) => {
    setChosen(id ?? step?.id ?? null);
    if (id === null) setPlaying(false);
  });
  usePlayerKeys({
    toggle: () => setPlaying(!isPlaying),
    step: (by) => go(at + by),
    search: () => search.current?.focus(),
    goToTime: () => time.current?.focus(),
    singleKeys,
  });

  return (
    <div className="flex flex-col">
      <div className="flex flex-wrap items-center gap-2 border-b border-border px-4 py-2">
        <IconButton icon={ChevronLeft} label="Previous statement" onClick={() => go(at - 1)} />
        <IconButton
          icon={isPlaying ? Pause : Play}
          label={isPlaying ? 'Pause' : 'Play'}
          onClick={() => setPlaying(!isPlaying)}
        />
        <IconButton icon={ChevronRight} label="Next statement" onClick={() => go(at + 1)} />
        <Segmented<Speed>
          label="Speed"
          value={speed}
          options={[
            { value: '1', label: '1×' },
            { value: '4', label: '4×' },
            { value: '16', label: '16×' },
          ]}
          onChange={setSpeed}
        />
        <Checkbox label="Skip idle" checked={skipsIdle} onChange={setSkipsIdle} />
        {isLive ? (
          <Checkbox
            label="Follow"
            checked={follows}
            onChange={(on) => {
              setFollows(on);
              if (on) setChosen(null);
            }}
          />
        ) : null}
        <Select<Show>
          label="Which statements"
          isLabelHidden
          className="w-36"
          value={show}
          options={[
            { value: 'all', label: 'All' },
            { value: 'refused', label: 'Refused' },
            { value: 'masked', label: 'Masked' },
            { value: 'slow', label: 'Over 1 s' },
          ]}
          onChange={setShow}
        />
        <TextField
          ref={search}
          label="Search the statements"
          isLabelHidden
          placeholder="Search text or table  /"
          type="search"
          className="w-56"
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <GoToTime ref={time} steps={shown} onGo={(found) => go(shown.indexOf(found))} />
        <span className="text-12 text-text-2">
          {shown.length === 0 ? 'none' : `${at + 1} of ${shown.length}`}
        </span>
      </div>
      <Timeline steps={shown} at={at} marks={marks} />
      <div className="wide:grid wide:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
        <StepList steps={shown} at={at} marks={marks} onChoose={go} />
        {step === undefined ? (
          <p className="px-4 py-3 text-text-2">No statement is like this.</p>
        ) : (
          <StepDetail step={step} number={at + 1} link={linkTo(step)} />
        )}
      </div>
    </div>
  );
}

/** A time of day to which the player goes at Enter. */
function GoToTime({
  ref,
  steps,
  onGo,
}: {
  readonly ref: RefObject<HTMLInputElement | null>;
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
        ref={ref}
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

function isShown(step: ReplayStep, show: Show, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  const isFound = wanted === '' || `${step.text}\n${step.tables.join('\n')}`.toLowerCase().includes(wanted);
  const kinds = {
    all: true,
    refused: step.isRefused,
    masked: step.isMasked,
    slow: (step.tookMs ?? 0) >= slowMs,
  };
  return isFound && kinds[show];
}
