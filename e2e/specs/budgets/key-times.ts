/**
 * What a key costs, by the browser's own trace. A stopwatch in the page cannot tell: Chromium puts off every other task after
 * a key until the next frame, so that it would count the wait for the display too, and a second frame.
 */
import type { CDPSession, Page } from 'playwright-core';

export interface KeyTimes {
  /** Milliseconds of each key: all tasks of the main thread from its event to the end of the frame that shows it. */
  readonly painted: readonly number[];
  /** The same in milliseconds of processor: what else runs on the machine is not in it. */
  readonly processor: readonly number[];
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds, as the two below; `tdur` of processor. */
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string; readonly data?: { readonly type?: string } };
}

const categories = ['devtools.timeline', 'disabled-by-default-devtools.timeline'];

/** Presses keys one after another, each when the one before is painted. */
export async function timeKeys(page: Page, keys: readonly string[]): Promise<KeyTimes> {
  const devtools = await page.context().newCDPSession(page);
  const trace = await recordTrace(devtools, async () => {
    for (const key of keys) {
      await page.keyboard.press(key);
      await page.evaluate(
        () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
      );
    }
  });
  await devtools.detach();
  return readKeyTimes(trace);
}

async function recordTrace(devtools: CDPSession, work: () => Promise<void>): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  devtools.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const complete = new Promise((resolve) => devtools.once('Tracing.tracingComplete', resolve));
  await devtools.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: categories },
  });
  await work();
  await devtools.send('Tracing.end');
  await complete;
  return events;
}

/** The times in a trace. A key without a frame of its own is not among them. */
export function readKeyTimes(trace: readonly TraceEvent[]): KeyTimes {
  const key = trace.find(isKey);
  const events = trace.filter(({ ph, pid, tid }) => ph === 'X' && pid === key?.pid && tid === key.tid);
  const inOrder = events.toSorted((one, other) => one.ts - other.ts);
  const tasks = inOrder.filter(({ name }) => name === 'RunTask');
  const begins = inOrder.filter(isKey).map(({ ts }) => ts);
  const found = begins.flatMap((begin, index) => {
    const next = begins[index + 1] ?? Infinity;
    const frame = inOrder.find(({ name, ts }) => name === 'PrePaint' && ts > begin && ts < next);
    if (frame === undefined) return [];
    return [tasks.filter((task) => endOf(task) > begin && task.ts <= frame.ts)];
  });
  const sum = (of: 'dur' | 'tdur') => (each: readonly TraceEvent[]) =>
    each.reduce((total, task) => total + (task[of] ?? Number.NaN), 0) / 1_000;
  return { painted: found.map(sum('dur')), processor: found.map(sum('tdur')) };
}

function isKey({ name, args }: TraceEvent): boolean {
  return name === 'EventDispatch' && args.data?.type === 'keydown';
}

function endOf({ ts, dur = 0 }: TraceEvent): number {
  return ts + dur;
}
