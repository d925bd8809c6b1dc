import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  stringify,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { canonicalJson } from '../base/canonical-json.ts';
import { AppError } from '../errors/app-error.ts';
import { type PolicyDocument, policyProblems, type ProblemPath } from './document.ts';

/**
 * Policy documents as text: YAML, and JSON, which is YAML too. Reading says what is wrong and where; writing a changed
 * document into an existing text leaves the comments and the style of what did not change.
 */

/** What is wrong with a text. Line and column count from 1; null where the text has no such place. */
export interface TextProblem {
  /** `policies[0].masks[2].preset`; empty for the text itself. */
  readonly field: string;
  readonly message: string;
  readonly line: number | null;
  readonly column: number | null;
}

/** A text as it was understood; `document` is null exactly when there are problems. */
export interface PolicyText {
  readonly document: PolicyDocument | null;
  readonly problems: readonly TextProblem[];
  /** Where a part of the document stands. */
  readonly placeOf: (path: ProblemPath) => TextPlace;
}

/** A place of a text; both count from 1, null for what the text does not have. */
export type TextPlace = Pick<TextProblem, 'line' | 'column'>;

/** A small text must not grow into a large document by references to itself. */
const maxAliases = 100;
const maxProblems = 100;

/** Brackets that are open at one time. A document needs four; the parser goes down one call for each. */
const maxOpenBrackets = 200;

/** Reads a text; never throws. Takes time in proportion to its length. */
export function readPolicyText(text: string): PolicyText {
  const lines = new LineCounter();
  let value: unknown;
  let yaml: Document.Parsed;
  if (isNestedDeeply(text)) return failed('is nested too deeply');
  try {
    yaml = parseDocument(text, parserOptions(lines));
    const problems = [...syntaxProblems(yaml, lines), ...repeatedKeys(yaml, lines)];
    if (problems.length > 0) return { document: null, problems, placeOf: nowhere };
    value = yaml.toJS({ maxAliasCount: maxAliases });
  } catch {
    return failed('cannot be read: it is nested too deeply or refers to itself too often');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return failed('does not hold a policy document');
  }
  const { document, problems } = policyProblems(value);
  const placeOf = (path: ProblemPath): TextPlace => findPlace(yaml, lines, path);
  return {
    document,
    problems: problems
      .slice(0, maxProblems)
      .map(({ field, message, path }) => ({ field, message, ...placeOf(path) })),
    placeOf,
  };
}

function nowhere(): TextPlace {
  return { line: null, column: null };
}

/** The document of a text. Throws INVALID_POLICY with the path (or the line) of the first thing that is wrong. */
export function parsePolicyText(text: string): PolicyDocument {
  const { document, problems } = readPolicyText(text);
  if (document !== null) return document;
  const first = problems[0];
  const line = first?.line ? ` (line ${first.line})` : '';
  const title = first === undefined || first.field === '' ? 'The document' : first.field;
  throw new AppError('INVALID_POLICY', {
    ...(first !== undefined && first.field !== '' ? { field: first.field } : {}),
    message: `${title}: ${first?.message ?? 'is not valid'}${line}`,
    hint: 'Correct the policy document at this place and send it again.',
  });
}

/** A document as YAML. What is left out at its default is left out here. */
export function writePolicyText({ database, policies }: PolicyDocument): string {
  const ordered = policies.map(({ name, grants, masks, rowFilters, limits, assign, ...rest }) => ({
    name,
    grants,
    masks,
    rowFilters,
    limits,
    ...rest,
    assign,
  }));
  return stringify(compact({ database, policies: ordered }), { lineWidth: 0 });
}

/**
 * A text that says what the document says, made from one that said something else: what did not change stays as it was
 * written, with its comments. A text that cannot be read is replaced.
 */
export function patchPolicyText(text: string, document: PolicyDocument): string {
  if (isNestedDeeply(text)) return writePolicyText(document);
  const read = readPolicyText(text);
  if (read.document !== null && canonicalJson(read.document) === canonicalJson(document)) return text;
  try {
    const yaml = parseDocument(text, parserOptions(new LineCounter()));
    if (yaml.errors.length === 0 && isMap(yaml.contents)) {
      patchMap(yaml, yaml.contents, compact(document));
      keepPadding(yaml, text);
      const patched = yaml.toString({ lineWidth: 0 });
      // An anchor changes wherever it is used: then the text is written anew.
      const again = readPolicyText(patched).document;
      if (again !== null && canonicalJson(again) === canonicalJson(document)) return patched;
    }
  } catch {
    // Written anew below.
  }
  return writePolicyText(document);
}

/** Whether there is white space inside of brackets is the author's choice, for lists and for maps. */
function keepPadding(yaml: Document, text: string): void {
  const padding = { seq: /\[ +\S/.test(text) ? ' ' : '', map: /\{[^\s}]/.test(text) ? '' : ' ' };
  const pad = (node: YAMLMap | YAMLSeq, kind: 'seq' | 'map') => {
    const write = node.toString.bind(node);
    node.toString = (context, ...rest) =>
      write(context && { ...context, flowCollectionPadding: padding[kind] }, ...rest);
  };
  visit(yaml, { Seq: (_, node) => pad(node, 'seq'), Map: (_, node) => pad(node, 'map') });
}

/** Keys that are there twice are looked for below: the parser compares each with each. */
function parserOptions(lineCounter: LineCounter) {
  return { lineCounter, prettyErrors: false, logLevel: 'error', uniqueKeys: false } as const;
}

function isNestedDeeply(text: string): boolean {
  let open = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    open = Math.max(0, open + (bracket === '[' || bracket === '{' ? 1 : -1));
    if (open > maxOpenBrackets) return true;
  }
  return false;
}

function repeatedKeys(yaml: Document.Parsed, lines: LineCounter): TextProblem[] {
  const problems: TextProblem[] = [];
  visit(yaml, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        const value = isScalar(key) ? key.value : key;
        if (seen.has(value) && problems.length < maxProblems) {
          const { line, col } = lines.linePos(nodeStart(key) ?? 0);
          const message = `the key ${String(value).slice(0, 60)} is there twice`;
          problems.push({ field: '', message, line, column: col });
        }
        seen.add(value);
      }
    },
  });
  return problems;
}

function failed(message: string): PolicyText {
  return { document: null, problems: [{ field: '', message, ...nowhere() }], placeOf: nowhere };
}

function syntaxProblems(yaml: Document.Parsed, lines: LineCounter): TextProblem[] {
  return yaml.errors.slice(0, maxProblems).map(({ message, pos: [at] }) => {
    const { line, col } = lines.linePos(at);
    const isDeep = message.includes('call stack');
    return { field: '', message: isDeep ? 'is nested too deeply' : message.slice(0, 300), line, column: col };
  });
}

/** Where a path stands, or what is left of it: a key that is missing is wrong in its map. */
function findPlace(yaml: Document.Parsed, lines: LineCounter, path: ProblemPath): TextPlace {
  for (let length = path.length; length >= 0; length--) {
    const part = path.slice(0, length);
    const at = keyStart(yaml, part) ?? nodeStart(yaml.getIn(part, true));
    if (at === null) continue;
    const { line, col } = lines.linePos(at);
    return { line, column: col };
  }
  return nowhere();
}

function nodeStart(node: unknown): number | null {
  const { range } = Object(node) as { range?: readonly [number, number, number] | null };
  return range?.[0] ?? null;
}

function keyStart(yaml: Document.Parsed, path: ProblemPath): number | null {
  const key = path.at(-1);
  if (typeof key !== 'string') return null;
  const parent = path.length === 1 ? yaml.contents : yaml.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return null;
  const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key);
  return pair === undefined ? null : nodeStart(pair.key);
}

/** Members that may be left out while they are empty. */
const optional = new Set(['grants', 'masks', 'rowFilters', 'limits', 'assign', 'users', 'groups']);

function compact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(compact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, child]) => [key, compact(child)] as const)
      .filter(([key, child]) => child !== undefined && !(optional.has(key) && isEmpty(child))),
  );
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** What tells the items of a list apart, by what they have. */
function identityOf(value: unknown): string {
  const { name, table, column } = Object(value) as Record<string, unknown>;
  const identity = name ?? table ?? column;
  return typeof identity === 'string' ? identity : canonicalJson(value);
}

function isSame(a: unknown, b: unknown): boolean {
  return canonicalJson(compact(a)) === canonicalJson(compact(b));
}

function patched(yaml: Document, node: unknown, target: unknown): unknown {
  const now: unknown = (node as Node | null)?.toJS(yaml, { maxAliasCount: maxAliases });
  if (node !== null && isSame(now, target)) return node;
  if (isMap(node) && typeof target === 'object' && target !== null && !Array.isArray(target)) {
    patchMap(yaml, node, target);
    return node;
  }
  if (isSeq(node) && Array.isArray(target)) {
    patchSeq(yaml, node, target);
    return node;
  }
  const made = yaml.createNode(target);
  if (isScalar(node) && isScalar(made)) {
    made.comment = node.comment ?? null;
    made.commentBefore = node.commentBefore ?? null;
  }
  return made;
}

function patchMap(yaml: Document, map: YAMLMap, target: unknown): void {
  const wanted = target as Readonly<Record<string, unknown>>;
  const keys = map.items.map(({ key }) => String(isScalar(key) ? key.value : key));
  for (const key of keys) {
    const node: unknown = map.get(key, true) ?? null;
    if (key in wanted) map.set(key, patched(yaml, node, wanted[key]));
    else if (!(optional.has(key) && isEmpty((node as Node | null)?.toJS(yaml)))) map.delete(key);
  }
  for (const [key, value] of Object.entries(wanted)) {
    if (!keys.includes(key)) map.set(key, yaml.createNode(value));
  }
}

/** Each item goes where its equal was, else where one of the same name was; new ones are written in the list's style. */
function patchSeq(yaml: Document, seq: YAMLSeq, target: readonly unknown[]): void {
  const [head] = seq.items;
  if (seq.commentBefore && isMap(head)) {
    // The parser gives the list what stands above its first item.
    head.commentBefore = seq.commentBefore;
    seq.commentBefore = null;
  }
  const old = seq.items.map((node) => ({ node, value: (node as Node).toJS(yaml) as unknown }));
  const taken = new Set<number>();
  const take = (fits: (value: unknown) => boolean): unknown => {
    const at = old.findIndex(({ value }, index) => !taken.has(index) && fits(value));
    if (at < 0) return null;
    taken.add(at);
    return old[at]?.node ?? null;
  };
  const equals = target.map((item) => take((value) => isSame(value, item)));
  const isFlow = old.some(({ node }) => isMap(node) && node.flow === true);
  seq.items = target.map((item, at) => {
    const equal = equals[at];
    if (equal !== null && equal !== undefined) return equal;
    const alike = take((value) => identityOf(value) === identityOf(item));
    if (alike !== null) return patched(yaml, alike, item);
    const made = yaml.createNode(item);
    if (isMap(made) && isFlow) made.flow = true;
    return made;
  });
}
