/** Between the reason of a request and the statement that came with it. */
const mark = '\n\nStatement:\n';

/** The reason that was written, and the statement that came with it; empty where none did. */
export function splitReason(full: string): { readonly reason: string; readonly statement: string } {
  const at = full.indexOf(mark);
  if (at < 0) return { reason: full, statement: '' };
  return { reason: full.slice(0, at), statement: full.slice(at + mark.length) };
}

/** Both in one text; the statement without characters that a text for people cannot have. */
export function joinReason(reason: string, statement: string): string {
  const text = statement.trim().replaceAll(/[^\P{Cc}\n\t]/gu, ' ');
  return text === '' ? reason.trim() : `${reason.trim()}${mark}${text}`;
}
