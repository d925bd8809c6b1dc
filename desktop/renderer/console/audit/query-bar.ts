/**
 * The line in which people ask the audit: words, and filters as `who:mina@example.com`, `db:orders`, `table:public.customers`,
 * `outcome:refused`, `after:2026-05-01`, `before:2026-05-02`, `what:write`. Values with blanks are quoted.
 */

export const filterNames = [
  'who',
  'db',
  'table',
  'outcome',
  'what',
  'after',
  'before',
  'rule',
  'session',
] as const;
export type FilterName = (typeof filterNames)[number];

export interface AuditQuestion {
  readonly filters: Readonly<Partial<Record<FilterName, string>>>;
  /** What is no filter: words of the statement's text. */
  readonly text: string;
}

/** Reads the line. The last one of two equal filters holds. */
export function readQuestion(line: string): AuditQuestion {
  const filters: Partial<Record<FilterName, string>> = {};
  const words: string[] = [];
  for (const [whole, name, quoted, plain] of line.matchAll(/(?:([a-z]+):)?(?:"([^"]*)"|(\S+))/g)) {
    const value = quoted ?? plain ?? '';
    if (isFilter(name) && value !== '') filters[name] = value;
    else words.push(whole);
  }
  return { filters, text: words.join(' ') };
}

/** The line that says so. */
export function writeQuestion({ filters, text }: AuditQuestion): string {
  const parts = filterNames.flatMap((name) => {
    const value = filters[name];
    return value === undefined ? [] : [`${name}:${/\s/.test(value) ? `"${value}"` : value}`];
  });
  return [...parts, ...(text === '' ? [] : [text])].join(' ');
}

/** The moment a day or a time means, as the API takes it; null: it is none. */
export function momentOf(value: string | undefined): string | null {
  if (value === undefined) return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

function isFilter(name: string | undefined): name is FilterName {
  return (filterNames as readonly (string | undefined)[]).includes(name);
}
