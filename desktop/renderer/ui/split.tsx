import { clsx } from 'clsx';
import { useRef } from 'react';
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react';
import { useStoredChoice } from './stored-choice.ts';

export interface SplitProps {
  /** Remembers the size under this name. */
  readonly id: string;
  /** What the separator resizes, for a screen reader. */
  readonly label: string;
  readonly direction: 'horizontal' | 'vertical';
  /** Which side has the size; the other takes the rest. */
  readonly sized: 'first' | 'second';
  readonly initial: number;
  readonly min: number;
  readonly max: number;
  readonly first: ReactNode;
  /** Null: only the other side is shown. */
  readonly second: ReactNode | null;
}

const step = 16;

/** Two panes with a separator between them: dragged, or by arrow keys, Home and End (WAI-ARIA window splitter). Pixels. */
export function Split(props: SplitProps): ReactNode {
  const { direction, sized, min, max } = props;
  const [stored, store] = useStoredChoice(`daam.split.${props.id}`);
  const container = useRef<HTMLDivElement>(null);
  const isHorizontal = direction === 'horizontal';
  const wanted = Number(stored ?? Number.NaN);
  const size = clamp(Number.isFinite(wanted) ? wanted : props.initial, min, max);
  const hasBoth = props.first !== null && props.second !== null;

  function resize(next: number): void {
    store(String(Math.round(clamp(next, min, max))));
  }

  function onPointerMove(event: PointerEvent<HTMLDivElement>): void {
    const box = container.current?.getBoundingClientRect();
    if (box === undefined || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const at = isHorizontal ? event.clientX - box.left : event.clientY - box.top;
    const whole = isHorizontal ? box.width : box.height;
    resize(sized === 'first' ? at : whole - at);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const grow = sized === 'first' ? 1 : -1;
    const forward = isHorizontal ? 'ArrowRight' : 'ArrowDown';
    const backward = isHorizontal ? 'ArrowLeft' : 'ArrowUp';
    if (event.key === forward) resize(size + grow * step);
    else if (event.key === backward) resize(size - grow * step);
    else if (event.key === 'Home') resize(min);
    else if (event.key === 'End') resize(max);
    else return;
    event.preventDefault();
  }

  const sizedStyle = { flex: `0 1 ${size}px` };
  return (
    <div ref={container} className={clsx('flex min-h-0 min-w-0 flex-1', !isHorizontal && 'flex-col')}>
      {props.first === null ? null : (
        <Pane style={hasBoth && sized === 'first' ? sizedStyle : undefined}>{props.first}</Pane>
      )}
      {hasBoth ? (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a focusable separator is a control
        <div
          // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- hr cannot be focused in every browser
          role="separator"
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- as above
          tabIndex={0}
          aria-label={props.label}
          aria-orientation={isHorizontal ? 'vertical' : 'horizontal'}
          aria-valuenow={size}
          aria-valuemin={min}
          aria-valuemax={max}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={onPointerMove}
          onKeyDown={onKeyDown}
          className={clsx(
            'relative flex-none touch-none bg-border after:absolute after:content-[""] hover:bg-accent focus-visible:bg-accent',
            isHorizontal
              ? 'w-px cursor-col-resize after:-inset-x-1 after:inset-y-0'
              : 'h-px cursor-row-resize after:-inset-y-1 after:inset-x-0',
          )}
        />
      ) : null}
      {props.second === null ? null : (
        <Pane style={hasBoth && sized === 'second' ? sizedStyle : undefined}>{props.second}</Pane>
      )}
    </div>
  );
}

function Pane({
  style,
  children,
}: {
  readonly style: { readonly flex: string } | undefined;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div style={style} className={clsx('flex min-h-0 min-w-0 flex-col', style === undefined && 'flex-1')}>
      {children}
    </div>
  );
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
