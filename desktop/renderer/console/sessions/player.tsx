import { useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useSettings } from '../../bridge/use-settings.ts';
import { initialChoices, PlayerBar, type PlayerChoices } from './player-bar.tsx';
import { policyMarks, type ReplayStep } from './replay-model.ts';
import { StepDetail } from './step-detail.tsx';
import { StepList } from './step-list.tsx';
import { Timeline } from './timeline.tsx';
import { usePlayerKeys, usePlaying } from './use-player.ts';

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
  const [choices, setChoices] = useState<PlayerChoices>(initialChoices);
  const searchField = useRef<HTMLInputElement>(null);
  const timeField = useRef<HTMLInputElement>(null);
  const { singleKeys } = useSettings().keyboard;
  const shown = steps.filter((step) => isShown(step, choices));
  const marks = policyMarks(steps, openedEpoch);
  const wanted = follows && chosen === null ? shown.length - 1 : shown.findIndex(({ id }) => id === chosen);
  const at = Math.max(0, wanted);
  const step = shown[at];

  function go(to: number): void {
    const target = shown[Math.min(Math.max(to, 0), shown.length - 1)];
    setChosen(target?.id ?? null);
    setFollows(false);
  }
  usePlaying(
    { isPlaying, step, next: shown[at + 1] },
    { speed: Number(choices.speed), skipsIdle: choices.skipsIdle },
    (id) => {
      setChosen(id ?? step?.id ?? null);
      if (id === null) setPlaying(false);
    },
  );
  usePlayerKeys({
    toggle: () => setPlaying(!isPlaying),
    step: (by) => go(at + by),
    search: () => searchField.current?.focus(),
    goToTime: () => timeField.current?.focus(),
    singleKeys,
  });

  return (
    <div className="flex flex-none grow flex-col">
      <PlayerBar
        at={at}
        shown={shown}
        isPlaying={isPlaying}
        follows={isLive ? follows : null}
        choices={choices}
        searchField={searchField}
        timeField={timeField}
        onPlay={() => setPlaying(!isPlaying)}
        onGo={go}
        onFollow={(on) => {
          setFollows(on);
          if (on) setChosen(null);
        }}
        onChange={(changes) => setChoices({ ...choices, ...changes })}
      />
      <Timeline steps={shown} at={at} marks={marks} />
      <div className="grow wide:grid wide:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
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

function isShown(step: ReplayStep, { show, text }: PlayerChoices): boolean {
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
