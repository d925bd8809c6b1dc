import { ChevronLeft, ChevronRight, Pause, Play } from 'lucide-react';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { isField } from '../inbox/inbox-screen.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Chip } from '../../ui/chip.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { duration, timeWithSeconds } from '../../ui/time.ts';
import { density, type ReplayStep, waitBetween } from './replay-model.ts';
import { StepDetail } from './step-detail.tsx';

type Speed = '1' | '4' | '16';
type Show = 'all' | 'refused' | 'masked' | 'slow';
const slowMs = 1_000;

export interface PlayerProps {
  readonly steps: readonly ReplayStep[];
  readonly isLive: boolean;
}

/** Timeline, list and the chosen statement; Space plays, arrows step, / searches. */
export function Player({ steps, isLive }: PlayerProps): ReactNode {
  const [chosen, setChosen] = useState<string | null>(null);
  const [isPlaying, setPlaying] = useState(false);
  const [follows, setFollows] = useState(isLive);
  const [speed, setSpeed] = useState<Speed>('4');
  const [skipsIdle, setSkipsIdle] = useState(true);
  const [show, setShow] = useState<Show>('all');
  const [text, setText] = useState('');
  const search = useRef<HTMLInputElement>(null);
  const shown = steps.filter((step) => isShown(step, show, text));
  const wanted = follows && chosen === null ? shown.length - 1 : shown.findIndex(({ id }) => id === chosen);
  const at = Math.max(0, wanted);
  const step = shown[at];
  const next = shown[at + 1];

  function go(to: number): void {
    const target = shown[Math.min(Math.max(to, 0), shown.length - 1)];
    setChosen(target?.id ?? null);
    setFollows(false);
  }
  usePlaying({ isPlaying, step, next }, { speed: Number(speed), skipsIdle }, (id) => {
    setChosen(id ?? step?.id ?? null);
    if (id === null) setPlaying(false);
  });
  usePlayerKeys({
    toggle: () => setPlaying(!isPlaying),
    step: (by) => go(at + by),
    search: () => search.current?.focus(),
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
        <span className="text-12 text-text-2">
          {shown.length === 0 ? 'none' : `${at + 1} of ${shown.length}`}
        </span>
      </div>
      <Timeline steps={shown} at={at} />
      <div className="wide:grid wide:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
        <StepList steps={shown} at={at} onChoose={go} />
        {step === undefined ? null : <StepDetail step={step} number={at + 1} />}
      </div>
    </div>
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

/** Tells the id of the next step when its time has come; null at the end. */
function usePlaying(
  {
    isPlaying,
    step,
    next,
  }: {
    readonly isPlaying: boolean;
    readonly step: ReplayStep | undefined;
    readonly next: ReplayStep | undefined;
  },
  options: { readonly speed: number; readonly skipsIdle: boolean },
  onStep: (id: string | null) => void,
): void {
  const tell = useEffectEvent(onStep);
  const waitMs = step === undefined || next === undefined ? 0 : waitBetween(step, next, options);
  const nextId = next?.id ?? null;
  useEffect(() => {
    if (!isPlaying) return undefined;
    const timer = setTimeout(() => tell(nextId), waitMs);
    return () => clearTimeout(timer);
  }, [isPlaying, nextId, waitMs]);
}

function usePlayerKeys(keys: {
  readonly toggle: () => void;
  readonly step: (by: 1 | -1) => void;
  readonly search: () => void;
}): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    const isOnControl =
      event.target instanceof HTMLElement &&
      event.target.closest('button, a, [role=checkbox], [role=combobox]') !== null;
    if (event.key === ' ' && !isOnControl) keys.toggle();
    else if (event.key === 'ArrowRight' || event.key === 'j') keys.step(1);
    else if (event.key === 'ArrowLeft' || event.key === 'k') keys.step(-1);
    else if (event.key === '/') keys.search();
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => onKey(event);
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}

const parts = 80;

/** How much ran when: red where something was refused, violet where something was masked. */
function Timeline({ steps, at }: { readonly steps: readonly ReplayStep[]; readonly at: number }): ReactNode {
  const bars = density(steps, parts);
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const first = steps[0]?.at ?? 0;
  const length = Math.max(1, (steps.at(-1)?.at ?? 0) - first);
  const now = ((steps[at]?.at ?? first) - first) / length;
  const refused = steps.filter(({ isRefused }) => isRefused).length;
  return (
    <svg
      viewBox={`0 0 ${parts * 6} 30`}
      preserveAspectRatio="none"
      // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- a drawing that is made here is no file
      role="img"
      aria-label={`Timeline: ${steps.length} statements, ${refused} refused`}
      className="h-8 w-full border-b border-border bg-app"
    >
      {bars.map(({ count, isRefused, isMasked }, index) =>
        count === 0 ? null : (
          <rect
            // eslint-disable-next-line react/no-array-index-key -- a part of the time is its place
            key={index}
            x={index * 6}
            y={30 - Math.max(4, (count / most) * 28)}
            width="5"
            height={Math.max(4, (count / most) * 28)}
            className={isRefused ? 'fill-bad' : isMasked ? 'fill-mask' : 'fill-accent'}
          />
        ),
      )}
      <rect x={now * (parts * 6 - 2)} y="0" width="2" height="30" className="fill-text" />
    </svg>
  );
}

function StepList({
  steps,
  at,
  onChoose,
}: {
  readonly steps: readonly ReplayStep[];
  readonly at: number;
  readonly onChoose: (at: number) => void;
}): ReactNode {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  return (
    <ol
      ref={list}
      aria-label="Statements"
      className="max-h-[60dvh] overflow-y-auto border-border wide:border-r"
    >
      {steps.map((step, index) => (
        <li key={step.id}>
          <button
            type="button"
            aria-current={index === at ? 'true' : undefined}
            onClick={() => onChoose(index)}
            className={`flex w-full min-w-0 items-center gap-2 border-b border-border px-4 py-1 text-left focus-visible:-outline-offset-2 ${index === at ? 'bg-selection' : 'hover:bg-app'}`}
          >
            <span className="w-8 flex-none text-right text-12 text-text-3 tabular-nums">{index + 1}</span>
            <span className="w-18 flex-none text-12 text-text-2 tabular-nums">
              {timeWithSeconds(new Date(step.at).toISOString())}
            </span>
            <span className="min-w-0 flex-1">
              <span className="block truncate font-data text-12">{step.text.split('\n')[0]}</span>
              <span className="block truncate text-11 text-text-2">
                {step.kind === 'folded'
                  ? `client start-up, ${step.count} statements`
                  : step.tables.join(', ')}
              </span>
            </span>
            <span className="flex flex-none items-center gap-1">
              {step.kind === 'alarm' ? <Chip tone="bad">alarm</Chip> : null}
              {step.isRefused ? <Chip tone="bad">refused</Chip> : null}
              {step.isMasked ? <Chip tone="mask">⊘</Chip> : null}
              <span className="w-14 text-right text-12 text-text-2 tabular-nums">
                {step.tookMs === null ? '–' : duration(step.tookMs)}
              </span>
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}
