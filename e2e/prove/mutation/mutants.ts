/**
 * Small faults put into a source file, each switched on by a number: every check that could be forgotten. All faults of
 * a file live in one text, so that the tests run over and over without loading it again.
 */
import ts from 'typescript';

/** One fault. */
export interface Mutant {
  readonly id: number;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** What is done to what: `condition is false`, with the code on one line. */
  readonly kind: string;
  readonly code: string;
  /** The fault lies in what is computed when the file is loaded: a table, not a check. */
  readonly isAtLoad: boolean;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  /** Made of the text between, which inner edits may have changed. */
  readonly wrap: (inner: string) => string;
}

interface Found {
  readonly node: ts.Node;
  readonly kind: string;
  readonly wrap: (inner: string, isOn: string) => string;
}

/** The text with every fault in it, none of them on. `nextId` gives the numbers. */
export function plantMutants(
  file: string,
  text: string,
  nextId: () => number,
): { readonly text: string; readonly mutants: readonly Mutant[] } {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const mutants: Mutant[] = [];
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    for (const found of faultsOf(node)) {
      const id = nextId();
      const start = found.node.getStart(source);
      mutants.push({
        id,
        file,
        line: source.getLineAndCharacterOfPosition(start).line + 1,
        kind: found.kind,
        code: found.node.getText(source).replaceAll(/\s+/g, ' ').slice(0, 160),
        isAtLoad: enclosingFunction(found.node) === null,
      });
      const isOn = `globalThis.__mutant(${id})`;
      edits.push({ start, end: found.node.getEnd(), wrap: (inner) => found.wrap(inner, isOn) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { text: applied(text, edits), mutants };
}

/** Inner edits first: the text is rebuilt from the outermost in. */
function applied(text: string, edits: readonly Edit[]): string {
  const ordered = edits.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const build = (from: number, to: number, within: readonly Edit[]): string => {
    let out = '';
    let at = from;
    for (let index = 0; index < within.length; ) {
      const edit = within[index] as Edit;
      const inner: Edit[] = [];
      let next = index + 1;
      while (next < within.length && (within[next] as Edit).start < edit.end) {
        inner.push(within[next] as Edit);
        next += 1;
      }
      out += text.slice(at, edit.start) + edit.wrap(build(edit.start, edit.end, inner));
      at = edit.end;
      index = next;
    }
    return out + text.slice(at, to);
  };
  return build(0, text.length, ordered);
}

function faultsOf(node: ts.Node): readonly Found[] {
  if (isTypeOnly(node)) return [];
  if (ts.isIfStatement(node)) return conditionFaults(node.expression);
  if (ts.isConditionalExpression(node)) return conditionFaults(node.condition);
  if (ts.isWhileStatement(node)) return [];
  if (ts.isBinaryExpression(node)) return operandFaults(node);
  if (ts.isExpressionStatement(node)) return statementFaults(node);
  if (ts.isReturnStatement(node)) return returnFaults(node);
  if (ts.isArrayLiteralExpression(node) || ts.isObjectLiteralExpression(node)) return tableFaults(node);
  return [];
}

function isTypeOnly(node: ts.Node): boolean {
  return ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
}

function conditionFaults(condition: ts.Expression): readonly Found[] {
  return [
    { node: condition, kind: 'condition is false', wrap: (inner, isOn) => `(${isOn} ? false : (${inner}))` },
    { node: condition, kind: 'condition is true', wrap: (inner, isOn) => `(${isOn} ? true : (${inner}))` },
  ];
}

/** `a && b` without one of its sides; `a ?? b` is no check. */
function operandFaults(node: ts.BinaryExpression): readonly Found[] {
  const operator = node.operatorToken.kind;
  const isAnd = operator === ts.SyntaxKind.AmpersandAmpersandToken;
  if (!isAnd && operator !== ts.SyntaxKind.BarBarToken) return [];
  const neutral = String(isAnd);
  return [node.left, node.right].map((side) => ({
    node: side,
    kind: `${isAnd ? '&&' : '||'} without`,
    wrap: (inner, isOn) => `(${isOn} ? ${neutral} : (${inner}))`,
  }));
}

/** A call or an assignment that is left out: a refusal, a taint, a note. */
function statementFaults(node: ts.ExpressionStatement): readonly Found[] {
  const { expression } = node;
  const isAssignment =
    ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  if (!ts.isCallExpression(expression) && !isAssignment) return [];
  return [{ node, kind: 'statement is left out', wrap: (inner, isOn) => `{ if (!${isOn}) { ${inner} } }` }];
}

/** `return refuse(…)` and `return true`. */
function returnFaults(node: ts.ReturnStatement): readonly Found[] {
  const { expression } = node;
  if (expression === undefined) return [];
  const { kind } = expression;
  if (kind === ts.SyntaxKind.TrueKeyword || kind === ts.SyntaxKind.FalseKeyword) {
    const other = String(kind === ts.SyntaxKind.FalseKeyword);
    return [
      {
        node: expression,
        kind: `returns ${other}`,
        wrap: (inner, isOn) => `(${isOn} ? ${other} : ${inner})`,
      },
    ];
  }
  if (ts.isCallExpression(expression) && /^(refuse|deny|mark|judge)/.test(expression.expression.getText())) {
    return [
      {
        node,
        kind: 'returns without it',
        wrap: (inner, isOn) => `{ if (${isOn}) return undefined as never; else { ${inner} } }`,
      },
    ];
  }
  return [];
}

/** An entry missing in a table that is made when the file is loaded. */
function tableFaults(node: ts.ArrayLiteralExpression | ts.ObjectLiteralExpression): readonly Found[] {
  if (enclosingFunction(node) !== null) return [];
  if (ts.isArrayLiteralExpression(node)) {
    // A pair of a Map is one entry of the list around it.
    if (ts.isArrayLiteralExpression(node.parent)) return [];
    return node.elements
      .filter((element) => !ts.isSpreadElement(element))
      .map((element) => ({
        node: element,
        kind: 'entry is missing',
        wrap: (inner, isOn) => `...(${isOn} ? [] : [${inner}] as const)`,
      }));
  }
  return node.properties.filter(ts.isPropertyAssignment).map((property) => ({
    node: property,
    kind: 'entry is missing',
    wrap: (inner, isOn) => `...(${isOn} ? {} : { ${inner} })`,
  }));
}

function enclosingFunction(node: ts.Node): ts.Node | null {
  for (let at: ts.Node | undefined = node.parent; at !== undefined; at = at.parent) {
    if (ts.isFunctionLike(at) || ts.isClassStaticBlockDeclaration(at)) return at;
  }
  return null;
}
