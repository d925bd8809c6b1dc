import { describe, expect, it } from 'vitest';
import { packRows } from '../../../ipc/packed-rows.ts';
import { pageRows, ResultWindow } from './result-window.ts';

const text = new TextEncoder();

function open(total: number) {
  const asked: number[] = [];
  let loaded = 0;
  let available = total;
  const window = new ResultWindow({
    reader: {
      readRows: async (first, rows) => {
        asked.push(first);
        const last = Math.min(first + rows, available);
        const cells = Array.from({ length: Math.max(0, last - first) }, (_, at) =>
          text.encode(`row ${first + at}`),
        );
        return { first, packed: btoa(String.fromCodePoint(...packRows(1, cells))) };
      },
    },
    onLoaded: () => {
      loaded += 1;
    },
  });
  window.setCount(total);
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
  };
  return {
    window,
    asked,
    settle,
    loaded: () => loaded,
    grow: (next: number) => {
      available = next;
      window.setCount(next);
    },
  };
}

describe('the window on a result', () => {
  it('reads the pages that are looked at, once, and tells when they came', async () => {
    const { window, asked, settle, loaded } = open(10_000);
    expect(window.read(600, 0)).toBeUndefined();
    window.want(590, 620);
    await settle();
    expect(window.read(600, 0)).toBe('row 600');
    window.want(595, 625);
    await settle();
    expect(asked).toEqual([pageRows]);
    expect(loaded()).toBe(1);
  });

  it('reads a short page again when the result grew', async () => {
    const { window, asked, settle, grow } = open(100);
    window.want(0, 30);
    await settle();
    grow(400);
    expect(window.read(50, 0)).toBe('row 50');
    window.want(0, 30);
    await settle();
    expect(window.read(300, 0)).toBe('row 300');
    expect(asked).toEqual([0, 0]);
  });

  it('keeps few pages, whatever was scrolled through', async () => {
    const { window, settle } = open(100_000);
    for (let page = 0; page < 40; page += 1) {
      window.want(page * pageRows, page * pageRows + 10);
      await settle();
    }
    const kept = Array.from({ length: 40 }, (_, page) => window.read(page * pageRows, 0)).filter(Boolean);
    expect(kept).toHaveLength(16);
  });

  it('skips pages that nobody looks at any more', async () => {
    const { window, asked, settle } = open(100_000);
    window.want(0, 3_000);
    window.want(50_000, 50_010);
    await settle();
    expect(asked).toHaveLength(3);
    expect(asked.at(-1)).toBe(50_000);
  });
});
