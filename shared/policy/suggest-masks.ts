import { phraseFinder, wordsOf } from './column-words.ts';
import type { MaskPreset } from './effective-policy.ts';
import { mayMatch } from './restrictiveness.ts';
import {
  personWords,
  sensitivePhrases,
  type SuggestRule,
  suggestRules,
  type TypeFamily,
} from './suggest-rules.ts';

/** A column as suggestions look at it. */
export interface SuggestColumn {
  readonly name: string;
  /** As the catalogue writes it: `pg_catalog.varchar(60)`, `public.email_address`. */
  readonly type: string;
  /** Without modifiers, domains followed. */
  readonly baseType: string;
  /** pg_type.typcategory of the base type. */
  readonly category: string;
  readonly comment: string | null;
}

export interface SuggestTable {
  readonly name: string;
  readonly columns: readonly SuggestColumn[];
}

export type Confidence = 'high' | 'medium' | 'low';

/** A mask that a column might want. */
export interface MaskSuggestion {
  readonly column: string;
  readonly preset: MaskPreset;
  /** `partial` only. */
  readonly prefix?: number;
  readonly suffix?: number;
  readonly match: 'none' | 'equality';
  readonly confidence: Confidence;
  /** For people: which word of what makes one think so. */
  readonly reason: string;
}

/**
 * Masks that the columns of a table might want, judged by names (in any style), types and comments, never by values.
 * For a person to accept: names lie in both directions. At most one for each column, in the order of the columns.
 */
export function suggestMasks(table: SuggestTable): readonly MaskSuggestion[] {
  const isOfPeople = namesPeople(findPhrases(wordsOf(table.name)));
  return table.columns.flatMap((column) => suggestMask(column, isOfPeople) ?? []);
}

const findPhrases = phraseFinder([
  ...personWords,
  ...sensitivePhrases,
  ...suggestRules.flatMap(({ sure, likely = [], unless = [] }) => [...sure, ...likely, ...unless]),
]);

function namesPeople(found: ReadonlySet<string>): boolean {
  return personWords.some((word) => found.has(word));
}

/** What is known of a column: the phrases in its name, in the name of its domain, in its comment. */
interface Traits {
  readonly column: SuggestColumn;
  readonly words: readonly string[];
  readonly name: ReadonlySet<string>;
  readonly domain: ReadonlySet<string>;
  readonly comment: ReadonlySet<string>;
  readonly isOfPeople: boolean;
}

interface Sight {
  readonly confidence: Confidence;
  readonly because: string;
}

function suggestMask(column: SuggestColumn, isOfPeople: boolean): MaskSuggestion | null {
  const family = familyOf(column);
  // Whether something is so: no value of a person's.
  if (column.category === 'B') return null;
  const words = wordsOf(column.name);
  const traits: Traits = {
    column,
    words,
    name: findPhrases(words),
    domain: findPhrases(domainWords(column)),
    comment: column.comment === null ? nothing : findPhrases(wordsOf(column.comment)),
    isOfPeople,
  };
  if (traits.name.size + traits.domain.size + traits.comment.size === 0) return null;
  for (const rule of suggestRules) {
    const sight = rule.types.includes(family) ? look(rule, traits) : null;
    if (sight !== null) return suggestion(column, { family, rule, sight });
  }
  return byComment(traits, family);
}

const nothing: ReadonlySet<string> = new Set();

/** What speaks for a rule: first the name, then a domain's name, then the comment. */
function look(rule: SuggestRule, { column, words, name, domain, comment, isOfPeople }: Traits): Sight | null {
  if (rule.unless?.some((phrase) => name.has(phrase)) === true) return null;
  const sure = rule.sure.find((phrase) => name.has(phrase));
  if (sure !== undefined) return { confidence: 'high', because: `its name has “${sure}”` };
  const typed = rule.sure.find((phrase) => domain.has(phrase));
  if (typed !== undefined) return { confidence: 'high', because: `its type ${column.type} has “${typed}”` };
  const said = rule.inComments === true ? rule.sure.find((phrase) => comment.has(phrase)) : undefined;
  if (said !== undefined) return { confidence: 'medium', because: `its comment says “${said}”` };
  const likely = rule.likely?.find((phrase) => name.has(phrase));
  if (likely === undefined) return null;
  if (rule.needsPerson === true && !isOfPeople && !namesPeople(name)) return null;
  const confidence = isOfPeople && isWhole(words, likely) ? 'medium' : 'low';
  const where = isOfPeople ? ', in a table about people' : '';
  return { confidence, because: `its name has “${likely}”${where}` };
}

/** Whether a phrase is the whole name, and not a part of it. */
function isWhole(words: readonly string[], phrase: string): boolean {
  return words.length === phrase.split(' ').length || words.length === 1;
}

/** Words of a type that people made: a domain named after what it holds. */
function domainWords({ type }: SuggestColumn): readonly string[] {
  return type.startsWith('pg_catalog.') ? [] : wordsOf(type.slice(type.lastIndexOf('.') + 1));
}

function byComment({ column, comment }: Traits, family: TypeFamily): MaskSuggestion | null {
  const said = sensitivePhrases.find((phrase) => comment.has(phrase));
  if (said === undefined) return null;
  const rule = { what: 'something sensitive', preset: 'redact', sure: [], types: [family] } as const;
  const sight = { confidence: 'medium', because: `its comment says “${said}”` } as const;
  return suggestion(column, { family, rule, sight });
}

function suggestion(
  column: SuggestColumn,
  { family, rule, sight }: { readonly family: TypeFamily; readonly rule: SuggestRule; readonly sight: Sight },
): MaskSuggestion {
  const isText = family === 'text';
  const preset = isText ? rule.preset : presetOn(family, rule.preset);
  const partial = preset === 'partial' ? { prefix: rule.prefix ?? 0, suffix: rule.suffix ?? 0 } : {};
  return {
    column: column.name,
    preset,
    ...partial,
    match: mayMatch({ preset }, { isText }) ? 'equality' : 'none',
    confidence: sight.confidence,
    reason: `Looks like ${rule.what}: ${sight.because}.`,
  };
}

/** Presets of texts say little about other types: there the value is hidden, and a uuid keeps being one. */
function presetOn(family: TypeFamily, preset: MaskPreset): MaskPreset {
  return family === 'uuid' && preset === 'pseudonym' ? preset : 'null';
}

const families: Readonly<Record<string, TypeFamily>> = {
  S: 'text',
  N: 'number',
  D: 'date',
  G: 'point',
  I: 'address',
};
const byType: Readonly<Record<string, TypeFamily>> = {
  'pg_catalog.uuid': 'uuid',
  'pg_catalog.json': 'json',
  'pg_catalog.jsonb': 'json',
  'pg_catalog.xml': 'json',
  'pg_catalog.bytea': 'binary',
  'pg_catalog.macaddr': 'address',
};

function familyOf({ baseType, category }: SuggestColumn): TypeFamily {
  return byType[baseType] ?? families[category] ?? 'other';
}
