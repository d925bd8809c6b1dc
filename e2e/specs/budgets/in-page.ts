/// <reference lib="dom" />
/** Stopwatches that run inside the page, beside what they measure. */
import type { CDPSession, JSHandle, Locator, Page } from 'playwright-core';

/**
 * Milliseconds from a key until an element is there, with a text if one is given, and painted. Looks into the editor's
 * shadow root as well.
 */
export async function timeUntil(
  page: Page,
  key: string,
  wanted: { readonly selector: string; readonly text?: string },
): Promise<number> {
  const begun = await page.evaluateHandle(({ selector, text }) => {
    const isIn = (root: ParentNode): boolean =>
      [...root.querySelectorAll(selector)].some(
        ({ textContent }) => text === undefined || textContent === text,
      );
    const found = (): boolean =>
      isIn(document) ||
      [...document.querySelectorAll('[data-editor]')].some(
        ({ shadowRoot }) => shadowRoot !== null && isIn(shadowRoot),
      );
    return new Promise<() => Promise<number>>((resolve) => {
      const done = Promise.withResolvers<number>();
      addEventListener(
        'keydown',
        ({ timeStamp }) => {
          const look = (): void => {
            if (performance.now() - timeStamp > 30_000) return done.reject(new Error(`no ${selector} came`));
            if (!found()) return void requestAnimationFrame(look);
            const channel = new MessageChannel();
            channel.port1.addEventListener('message', () => done.resolve(performance.now() - timeStamp));
            channel.port1.start();
            channel.port2.postMessage(0);
          };
          requestAnimationFrame(look);
        },
        { capture: true, once: true },
      );
      resolve(() => done.promise);
    });
  }, wanted);
  await page.keyboard.press(key);
  return await begun.evaluate((wait) => wait());
}

/** Milliseconds between frames while an element scrolls by so many pixels each frame. */
export async function timeScroll(target: Locator, pixels: number, frames: number): Promise<number[]> {
  return await target.evaluate(
    (element, { step, count }) =>
      new Promise<number[]>((resolve) => {
        const deltas: number[] = [];
        let last: number | null = null;
        const onFrame = (now: number): void => {
          if (last !== null) deltas.push(now - last);
          last = now;
          element.scrollTop += step;
          if (deltas.length < count) requestAnimationFrame(onFrame);
          else resolve(deltas);
        };
        requestAnimationFrame(onFrame);
      }),
    { step: pixels, count: frames },
  );
}

/** Milliseconds to a mark of the app from another one; from the navigation when none is given. */
export async function timeOfMark(page: Page, mark: string, from?: string): Promise<number> {
  const names = [mark, from ?? null] as const;
  // The mark of an earlier beginning is none.
  const took = await page.waitForFunction(([name, first]) => {
    const at = (wanted: string): number =>
      performance.getEntriesByName(wanted).at(-1)?.startTime ?? Number.NaN;
    const difference = at(name) - (first === null ? 0 : at(first));
    return difference >= 0 ? { difference } : null;
  }, names);
  return (await took.jsonValue())?.difference ?? Number.NaN;
}

/** Tasks above 50 ms from now on, in milliseconds. */
export async function watchLongTasks(page: Page): Promise<JSHandle<number[]>> {
  return await page.evaluateHandle(() => {
    const tasks: number[] = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: 'longtask' });
    return tasks;
  });
}

/** Objects, elements and buffers in megabytes after everything that nobody holds was collected. */
export async function heapMegabytes(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage');
  const usage = await devtools.send('Runtime.getHeapUsage');
  return (usage.usedSize + usage.embedderHeapUsedSize + usage.backingStorageSize) / 1_048_576;
}

/** Milliseconds of processor that the page's main thread took for some work: what else runs on the machine is not in it. */
export async function timeProcessor(devtools: CDPSession, work: () => Promise<unknown>): Promise<number> {
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async (): Promise<number> => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const before = await read();
  await work();
  const after = await read();
  await devtools.send('Performance.disable');
  return (after - before) * 1_000;
}
