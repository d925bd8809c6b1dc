/** Whether a text is anywhere in a file or in the memory of a process. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const chunkBytes = 4 * 1024 * 1024;

/** How often a file holds the text, byte for byte. */
export function countInFile(path: string, text: string): number {
  return countIn(readFileSync(path), Buffer.from(text));
}

/** How often the readable memory of a process holds the text, as UTF-8 or UTF-16. Linux, same user or root. */
export function countInMemory(pid: number, text: string): number {
  const needles = [Buffer.from(text), Buffer.from(text, 'utf16le')];
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const buffer = Buffer.alloc(chunkBytes);
  let found = 0;
  try {
    for (const [start, end] of readableRegions(pid)) {
      // Chunks overlap, so that no text falls between two of them.
      for (let at = start; at < end; at += chunkBytes - 1024) {
        const length = Math.min(chunkBytes, end - at);
        const read = readAt(memory, buffer, length, at);
        for (const needle of needles) found += countIn(buffer.subarray(0, read), needle);
      }
    }
  } finally {
    closeSync(memory);
  }
  return found;
}

function readAt(memory: number, buffer: Buffer, length: number, position: number): number {
  try {
    return readSync(memory, buffer, 0, length, position);
  } catch {
    // The region went away, or cannot be read, as [vvar].
    return 0;
  }
}

function readableRegions(pid: number): [number, number][] {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').trim().split('\n');
  return lines.flatMap((line): [number, number][] => {
    const found = /^([0-9a-f]+)-([0-9a-f]+) r\S+ \S+ \S+ \d+\s*(.*)$/.exec(line);
    if (found === null || found[3] === '[vsyscall]') return [];
    return [[Number.parseInt(found[1] ?? '', 16), Number.parseInt(found[2] ?? '', 16)]];
  });
}

function countIn(haystack: Buffer, needle: Buffer): number {
  let count = 0;
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + needle.length))
    count += 1;
  return count;
}
