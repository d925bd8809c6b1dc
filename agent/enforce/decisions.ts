import type { ResolvedAccess } from '@daam/shared/sql/access';
import type { Catalog } from '@daam/shared/sql/catalog';
import type { SessionNames, Verdict } from '@daam/shared/sql/verdict';
import type { ViewAnalysis } from './analysis.ts';
import { type LiteralFree, literalFree } from './literal-free.ts';
import { VerdictCache } from './verdict-cache.ts';
import {
  fillTemplate,
  isAlike,
  type JudgedText,
  makeTemplate,
  type MarkedText,
  markText,
  type VerdictTemplate,
} from './verdict-template.ts';

export { VerdictCache };

/** What one effective policy allows in the database as it is now. Sessions with equal access share it. */
export interface AccessView {
  readonly catalog: Catalog;
  readonly access: ResolvedAccess;
  readonly gate: (sql: string, names: SessionNames) => Verdict;
  readonly cache: VerdictCache<Verdict>;
  /** What is known of texts that differ only in literals, under the text without them. */
  readonly templates: VerdictCache<Alike>;
  /** False when no relation of this access is masked: diagnostics then pass as they are. */
  readonly hasMasks: boolean;
  /** The values of parameters are recorded, where no mask is concerned. */
  readonly recordsParameters?: true;
  /** The same gate for texts that would hold up other sessions. Absent: every text is judged where it is asked for. */
  readonly analysis?: ViewAnalysis;
  /** The proof alone sets it, to see what the other layers stop without the result assertion (L5). */
  readonly skipsResultAssertion?: true;
}

/** Makes another view of the agent's own: how the proof takes single layers away. */
export type AdjustView = (view: AccessView) => AccessView;

/** What is known of texts with one literal-free form. */
export type Alike =
  /** Of the first one the verdict; most never come again, so the template is made for the second. */
  | { readonly kind: 'seen'; readonly first: JudgedText }
  | { readonly kind: 'template'; readonly template: VerdictTemplate }
  /** The verdict depends on a literal: each text is judged for itself. */
  | { readonly kind: 'each-for-itself' };

/** The caches of a view, both empty. */
export function emptyCaches(): Pick<AccessView, 'cache' | 'templates'> {
  return {
    cache: new VerdictCache({ maxEntries: 8_192, sizeOf: charactersOf }),
    templates: new VerdictCache({ maxEntries: 8_192, sizeOf: charactersOfAlike }),
  };
}

function charactersOf(verdict: Verdict): number {
  return verdict.kind === 'allow' && verdict.rewritten ? verdict.sql.length : 0;
}

function charactersOfAlike(alike: Alike): number {
  switch (alike.kind) {
    case 'seen':
      return alike.first.sql.length + charactersOf(alike.first.verdict);
    case 'template':
      return charactersOf(alike.template.verdict) * 2;
    case 'each-for-itself':
      return 0;
    default:
      return alike satisfies never;
  }
}

/** Longer texts are not worth the memory. */
const maxCachedText = 32 * 1024;

/** Whether a session's names mean what they mean for everybody: only then is a verdict shared. */
export type SharedNames = SessionNames & { readonly isPlain: boolean };

/** The gate's verdict, from the caches where that cannot differ from asking. */
export function decide(view: AccessView, sql: string, names: SharedNames): Verdict {
  // Nothing that is asked answers later.
  return decideBy({ view, names, judge: (text) => view.gate(text, names) }, sql) as Verdict;
}

/** The same, but a text that would hold up other sessions is judged elsewhere, and its verdict comes later. */
export function decideSoon(view: AccessView, sql: string, names: SharedNames): Verdict | Promise<Verdict> {
  const { analysis } = view;
  if (analysis === undefined) return decide(view, sql, names);
  return decideBy(
    { view, names, judge: (text) => analysis.quick(text, names) ?? analysis.later(text, names) },
    sql,
  );
}

interface Asked {
  readonly view: AccessView;
  readonly names: SharedNames;
  readonly judge: (sql: string) => Verdict | Promise<Verdict>;
}

function decideBy(asked: Asked, sql: string): Verdict | Promise<Verdict> {
  const { view, names } = asked;
  if (!names.isPlain || sql.length > maxCachedText) return asked.judge(sql);
  const tier = names.elevationAvailable ? 'e' : 'b';
  const key = `${tier}=${sql}`;
  const exact = view.cache.get(key);
  if (exact !== undefined) return exact;
  const free = literalFree(sql);
  if (free === null || free.literals.length === 0) return judgeExactly(asked, sql, key);
  const alikeKey = `${tier}~${free.key}`;
  const text = { sql, free, key, alikeKey };
  const alike = view.templates.get(alikeKey);
  if (alike === undefined) return after(asked.judge(sql), (verdict) => noteFirst(view, text, verdict));
  switch (alike.kind) {
    case 'template':
      return fillTemplate(alike.template, sql, free);
    case 'each-for-itself':
      return judgeExactly(asked, sql, key);
    case 'seen':
      return judgeSecond(asked, text, alike.first);
    default:
      return alike satisfies never;
  }
}

interface AskedText {
  readonly sql: string;
  readonly free: LiteralFree;
  readonly key: string;
  readonly alikeKey: string;
}

function judgeExactly(asked: Asked, sql: string, key: string): Verdict | Promise<Verdict> {
  return after(asked.judge(sql), (verdict) => {
    if (isLasting(verdict)) asked.view.cache.set(key, verdict);
    return verdict;
  });
}

function noteFirst(view: AccessView, text: AskedText, verdict: Verdict): Verdict {
  const { sql, free, key, alikeKey } = text;
  if (isAlike(verdict)) view.templates.set(alikeKey, { kind: 'seen', first: { sql, free, verdict } });
  else if (isLasting(verdict)) {
    view.templates.set(alikeKey, { kind: 'each-for-itself' });
    view.cache.set(key, verdict);
  }
  return verdict;
}

function templateOf(first: JudgedText, marked: MarkedText, verdict: Verdict): Alike | null {
  if (!isLasting(verdict)) return null;
  const template = makeTemplate(first, marked, verdict);
  return template === null ? { kind: 'each-for-itself' } : { kind: 'template', template };
}

/** The second text of its kind: a marked one is judged in its place, and the template answers. */
function judgeSecond(asked: Asked, text: AskedText, first: JudgedText): Verdict | Promise<Verdict> {
  const marked = markText(first);
  if (marked === null) return settle(asked, text, { kind: 'each-for-itself' });
  return after(asked.judge(marked.sql), (verdict) => settle(asked, text, templateOf(first, marked, verdict)));
}

function settle(asked: Asked, text: AskedText, alike: Alike | null): Verdict | Promise<Verdict> {
  if (alike !== null) asked.view.templates.set(text.alikeKey, alike);
  if (alike?.kind === 'template') return fillTemplate(alike.template, text.sql, text.free);
  return judgeExactly(asked, text.sql, text.key);
}

/** A refusal because there was no time says nothing about the text. */
function isLasting(verdict: Verdict): boolean {
  return verdict.kind === 'allow' || !verdict.denial.rule.startsWith('analysis-');
}

function after(
  verdict: Verdict | Promise<Verdict>,
  next: (verdict: Verdict) => Verdict | Promise<Verdict>,
): Verdict | Promise<Verdict> {
  if (!(verdict instanceof Promise)) return next(verdict);
  return (async () => await next(await verdict))();
}
