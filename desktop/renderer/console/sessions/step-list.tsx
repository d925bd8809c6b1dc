import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { Chip } from '../../ui/chip.tsx';
import { duration, timeWithSeconds } from '../../ui/time.ts';
import type { PolicyMark, ReplayStep } from './replay-model.ts';

const stepHeight = 45;

/** The statements, of which only those in view are in the document. */
export function StepList({
  steps,
  at,
  marks,
  onChoose,
}: {
  readonly steps: readonly ReplayStep[];
  readonly at: number;
  readonly marks: readonly PolicyMark[];
  readonly onChoose: (at: number) => void;
}): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react/incompatible-library -- the virtualizer is read at every render
  const virtual = useVirtualizer({
    count: steps.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => stepHeight,
    overscan: 6,
  });
  const changed = new Set(marks.map(({ step }) => step));
  useEffect(() => {
    if (steps.length > 0) virtual.scrollToIndex(at);
  }, [at, steps.length, virtual]);
  return (
    <div ref={scroller} className="max-h-[60dvh] overflow-y-auto">
      <ol aria-label="Statements" style={{ height: `${virtual.getTotalSize()}px` }} className="relative">
        {virtual.getVirtualItems().map(({ index, start }) => {
          const step = steps[index];
          if (step === undefined) return null;
          return (
            <li
              key={step.id}
              aria-setsize={steps.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)`, height: `${stepHeight}px` }}
              className="absolute inset-x-0"
            >
              <Step
                step={step}
                number={index + 1}
                isChosen={index === at}
                isFirstOfChange={changed.has(step.id)}
                onChoose={() => onChoose(index)}
              />
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function Step({
  step,
  number,
  isChosen,
  isFirstOfChange,
  onChoose,
}: {
  readonly step: ReplayStep;
  readonly number: number;
  readonly isChosen: boolean;
  readonly isFirstOfChange: boolean;
  readonly onChoose: () => void;
}): ReactNode {
  return (
    <button
      type="button"
      aria-current={isChosen ? 'true' : undefined}
      onClick={onChoose}
      className={`flex h-full w-full min-w-0 items-center gap-2 border-b px-4 py-1 text-left focus-visible:-outline-offset-2 ${isFirstOfChange ? 'border-t border-t-warn' : ''} border-b-border ${isChosen ? 'bg-selection' : 'hover:bg-app'}`}
    >
      <span className="w-8 flex-none text-right text-12 text-text-3 tabular-nums">{number}</span>
      <span className="w-21 flex-none text-12 whitespace-nowrap text-text-2 tabular-nums">
        {timeWithSeconds(new Date(step.at).toISOString())}
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate font-data text-12">{step.text.split('\n')[0]}</span>
        <span className="block truncate text-11 text-text-2">
          {isFirstOfChange ? <span className="font-medium text-warn">policies changed · </span> : null}
          {step.kind === 'folded' ? `client start-up, ${step.count} statements` : step.tables.join(', ')}
        </span>
      </span>
      <span className="flex flex-none items-center gap-1">
        {step.kind === 'alarm' ? <Chip tone="bad">alarm</Chip> : null}
        {step.isRefused ? <Chip tone="bad">refused</Chip> : null}
        {step.isMasked ? (
          <Chip tone="mask">
            ⊘<span className="sr-only">masked</span>
          </Chip>
        ) : null}
        <span className="w-14 text-right text-12 text-text-2 tabular-nums">
          {step.tookMs === null ? '–' : duration(step.tookMs)}
        </span>
      </span>
    </button>
  );
}
