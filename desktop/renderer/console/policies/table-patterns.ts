/** How patterns of tables and columns are read, compared and written. */
import { formatPattern, isLiteralSegment, matchesSegment, parsePattern } from '@daam/shared/policy/pattern';

/** Whether a pattern of tables names one table. */
export function isLiteral(pattern: string): boolean {
  return segmentsOf(pattern, 2)?.every(isLiteralSegment) ?? false;
}

/** One way of writing each pattern: `"public".a` is `public.a`. */
export function canonical(pattern: string): string {
  const segments = segmentsOf(pattern, 2) ?? segmentsOf(pattern, 3);
  return segments === null ? pattern : formatPattern(segments);
}

/** The parts of a pattern; null: it cannot be read. */
export function segmentsOf(pattern: string, count: 2 | 3): readonly string[] | null {
  try {
    return parsePattern(pattern, count);
  } catch {
    return null;
  }
}

/** Whether a stored name is matched by a pattern of a policy; false for a pattern that cannot be read. */
export function matchesPattern(pattern: string, path: readonly string[]): boolean {
  const segments = segmentsOf(pattern, path.length === 3 ? 3 : 2);
  return segments !== null && segments.every((segment, index) => matchesSegment(segment, path[index] ?? ''));
}

/** Why a text cannot be used as a pattern of tables; null: it can. */
export function patternProblem(text: string): string | null {
  try {
    parsePattern(text, 2);
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : 'This is no pattern.';
  }
}
