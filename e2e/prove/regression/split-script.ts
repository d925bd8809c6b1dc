/** Cuts a script for psql into statements: its own commands, COPY data and statements with its variables are left out. */

const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;

/** The statements of a script, without the semicolons between them. */
export function splitScript(script: string): readonly string[] {
  return cut(withoutPsqlLines(script)).filter((statement) => statement !== '' && !usesVariables(statement));
}

/** Lines that begin with a backslash are psql's; behind COPY … FROM STDIN there is data up to a line with `\.`. */
function withoutPsqlLines(script: string): string {
  const kept: string[] = [];
  let isData = false;
  for (const line of script.split('\n')) {
    if (isData) {
      isData = line !== '\\.';
      continue;
    }
    if (line.startsWith('\\')) continue;
    isData = /^\s*copy\b[^;]*\bfrom\s+stdin\b[^;]*;\s*(--.*)?$/i.test(line);
    // A command behind a statement ends it: \gset, \gexec, \crosstabview.
    kept.push(line.replace(/\\(g\w*|crosstabview|bind|parse|watch|;).*$/, ';'));
  }
  return kept.join('\n');
}

function usesVariables(statement: string): boolean {
  return /(^|[^:]):['"]?[A-Za-z_]\w*/.test(statement) && !statement.includes('::');
}

function cut(text: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const next = skipQuoted(text, at);
    if (next !== at) {
      at = next;
      continue;
    }
    const character = text[at];
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ';' && depth <= 0 && !isInAtomicBody(text.slice(start, at))) {
      statements.push(text.slice(start, at).trim());
      start = at + 1;
      depth = 0;
    }
    at += 1;
  }
  statements.push(text.slice(start).trim());
  return statements;
}

/** BEGIN ATOMIC … END: semicolons inside belong to the function. */
function isInAtomicBody(text: string): boolean {
  const begin = /\bbegin\s+atomic\b/i.exec(text);
  return begin !== null && !/\bend\s*$/i.test(text.slice(begin.index));
}

/** Past the comment or quoted text that begins here; `at` itself when none does. */
function skipQuoted(text: string, at: number): number {
  const two = text.slice(at, at + 2);
  if (two === '--') return endOf(text, '\n', at + 2);
  if (two === '/*') return endOfComment(text, at + 2);
  const character = text[at];
  if (character === '"') return endOf(text, '"', at + 1);
  if (character === "'") return endOfString(text, at + 1, /[eE]/.test(text[at - 1] ?? ''));
  if (character === '$' && !/[A-Za-z0-9_$]/.test(text[at - 1] ?? '')) {
    dollarTag.lastIndex = at;
    const tag = dollarTag.exec(text)?.[0];
    if (tag !== undefined) return endOf(text, tag, at + tag.length);
  }
  return at;
}

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found + mark.length;
}

function endOfComment(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    const two = text.slice(at, at + 2);
    if (two === '/*') depth += 1;
    if (two === '*/') depth -= 1;
    if (depth === 0) return at + 2;
  }
  return text.length;
}

function endOfString(text: string, from: number, hasEscapes: boolean): number {
  for (let at = from; at < text.length; at += 1) {
    if (hasEscapes && text[at] === '\\') at += 1;
    else if (text[at] === "'" && text[at + 1] === "'") at += 1;
    else if (text[at] === "'") return at + 1;
  }
  return text.length;
}
