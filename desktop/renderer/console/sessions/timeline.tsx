import type { ReactNode } from 'react';
import { timeWithSeconds } from '../../ui/time.ts';
import { density, type PolicyMark, type ReplayStep } from './replay-model.ts';

const parts = 80;
const width = parts * 6;
const height = 30;

/** How much ran when: red what was refused, violet where a masked table was used; a line where policies changed. */
export function Timeline({
  steps,
  at,
  marks,
}: {
  readonly steps: readonly ReplayStep[];
  readonly at: number;
  readonly marks: readonly PolicyMark[];
}): ReactNode {
  const bars = density(steps, parts);
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const first = steps[0]?.at ?? 0;
  const length = Math.max(1, (steps.at(-1)?.at ?? 0) - first);
  const placeOf = (time: number): number => ((time - first) / length) * (width - 2);
  const sum = (of: (bar: (typeof bars)[number]) => number): number =>
    bars.reduce((all, bar) => all + of(bar), 0);
  return (
    <figure className="border-b border-border bg-app">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        className="h-8 w-full"
      >
        {bars.map(({ count, refused, masked }, index) => {
          if (count === 0) return null;
          const full = Math.max(4, (count / most) * (height - 2));
          const red = (refused / count) * full;
          const violet = (masked / count) * full;
          return (
            // eslint-disable-next-line react/no-array-index-key -- a part of the time is its place
            <g key={index}>
              <Bar x={index * 6} from={0} size={full - red - violet} className="fill-accent" />
              <Bar x={index * 6} from={full - red - violet} size={violet} className="fill-mask" />
              <Bar x={index * 6} from={full - red} size={red} className="fill-bad" />
            </g>
          );
        })}
        {marks.map(({ step, at: time }) => (
          <rect key={step} x={placeOf(time)} y="0" width="1.5" height={height} className="fill-warn" />
        ))}
        <rect x={placeOf(steps[at]?.at ?? first)} y="0" width="2" height={height} className="fill-text" />
      </svg>
      <figcaption className="flex flex-wrap gap-x-4 px-4 py-0.5 text-11 text-text-2">
        <span>
          {steps.length === 0 ? 'Nothing is shown' : `${clock(first)} – ${clock(steps.at(-1)?.at ?? first)}`}
        </span>
        <span>
          {sum(({ count }) => count)} statements, {sum(({ refused }) => refused)} refused,{' '}
          {sum(({ masked }) => masked)} masked
        </span>
        {marks.map(({ step, at: time, from, to }) => (
          <span key={step} className="text-warn">
            Policies changed by {clock(time)} ({from} → {to})
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function Bar({
  x,
  from,
  size,
  className,
}: {
  readonly x: number;
  readonly from: number;
  readonly size: number;
  readonly className: string;
}): ReactNode {
  return size <= 0 ? null : (
    <rect x={x} y={height - from - size} width="5" height={size} className={className} />
  );
}

function clock(time: number): string {
  return timeWithSeconds(new Date(time).toISOString());
}
