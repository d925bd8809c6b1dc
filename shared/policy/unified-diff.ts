/**
 * Two texts compared line by line, in the unified form of diff(1): three lines around each change. Empty when the texts
 * are equal. By Myers' algorithm (An O(ND) Difference Algorithm, 1986); texts that differ in more lines than `maxChanges` are
 * shown as one replaced by the other.
 */
export function unifiedDiff(before: string, after: string, names: { from: string; to: string }): string {
  if (before === after) return '';
  const [a, b] = [linesOf(before), linesOf(after)];
  const edits = editsOf(a, b);
  const hunks = hunksOf(edits).map(formatHunk);
  return [`--- ${names.from}`, `+++ ${names.to}`, ...hunks, ''].join('\n');
}

const maxChanges = 1_000;
const contextLines = 3;

interface Edit {
  readonly kind: ' ' | '-' | '+';
  readonly text: string;
  /** Lines of each text before this one. */
  readonly a: number;
  readonly b: number;
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The ends that are equal cost nothing; what is between them is compared. */
function editsOf(a: readonly string[], b: readonly string[]): Edit[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const middle = middleOf(a.slice(start, a.length - end), b.slice(start, b.length - end));
  const edits: Edit[] = [];
  let [x, y] = [0, 0];
  const push = (kind: Edit['kind'], text: string) => {
    edits.push({ kind, text, a: x, b: y });
    if (kind !== '+') x++;
    if (kind !== '-') y++;
  };
  for (const text of a.slice(0, start)) push(' ', text);
  for (const { kind, text } of middle) push(kind, text);
  for (const text of a.slice(a.length - end)) push(' ', text);
  return edits;
}

type Step = Pick<Edit, 'kind' | 'text'>;

function middleOf(a: readonly string[], b: readonly string[]): Step[] {
  const trace = traceOf(a, b);
  if (trace === null) {
    return [...a.map((text): Step => ({ kind: '-', text })), ...b.map((text): Step => ({ kind: '+', text }))];
  }
  const steps: Step[] = [];
  let [x, y] = [a.length, b.length];
  for (let d = trace.length - 1; d >= 0; d--) {
    const reach = trace[d] ?? new Map<number, number>();
    const k = x - y;
    const isDown = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
    const fromK = isDown ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : (reach.get(fromK) ?? 0);
    const fromY = d === 0 ? 0 : fromX - fromK;
    while (x > fromX && y > fromY) {
      steps.push({ kind: ' ', text: a[x - 1] ?? '' });
      x--;
      y--;
    }
    if (d === 0) break;
    if (isDown) steps.push({ kind: '+', text: b[fromY] ?? '' });
    else steps.push({ kind: '-', text: a[fromX] ?? '' });
    [x, y] = [fromX, fromY];
  }
  return steps.toReversed();
}

/** For each number of changes, how far each diagonal came before it; null when there are too many changes. */
function traceOf(a: readonly string[], b: readonly string[]): ReadonlyMap<number, number>[] | null {
  const trace: ReadonlyMap<number, number>[] = [];
  let reach = new Map<number, number>([[1, 0]]);
  for (let d = 0; d <= Math.min(a.length + b.length, maxChanges); d++) {
    trace.push(reach);
    const next = new Map<number, number>();
    for (let k = -d; k <= d; k += 2) {
      const isDown = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
      let x = isDown ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) return trace;
    }
    reach = next;
  }
  return null;
}

/** Changes with the lines around them; those that would touch are one. */
function hunksOf(edits: readonly Edit[]): Edit[][] {
  const hunks: Edit[][] = [];
  let until = -1;
  edits.forEach(({ kind }, at) => {
    if (kind === ' ') return;
    const from = Math.max(at - contextLines, until);
    const to = Math.min(at + contextLines + 1, edits.length);
    if (from > until || hunks.length === 0) hunks.push(edits.slice(Math.max(0, from), to));
    else hunks.at(-1)?.push(...edits.slice(until, to));
    until = to;
  });
  return hunks;
}

function formatHunk(edits: readonly Edit[]): string {
  const old = edits.filter(({ kind }) => kind !== '+').length;
  const now = edits.filter(({ kind }) => kind !== '-').length;
  const first = edits[0];
  const from = (first?.a ?? 0) + (old === 0 ? 0 : 1);
  const to = (first?.b ?? 0) + (now === 0 ? 0 : 1);
  const lines = edits.map(({ kind, text }) => `${kind}${text}`);
  return [`@@ -${from},${old} +${to},${now} @@`, ...lines].join('\n');
}
