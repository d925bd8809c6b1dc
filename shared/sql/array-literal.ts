/**
 * Reading a text as array_in does (PostgreSQL docs, "Array Input and Output Syntax"), to count and tell apart
 * the values that `= ANY (…)` compares with. The elements of all dimensions come in one list, as ANY takes them.
 *
 * Null when the text is no array: the server refuses it too. Where the two could differ (bounds before the
 * braces, odd blanks), this reading finds at least as many elements. `limit` ends the reading early: the list
 * then has more than `limit` elements, and not all of them.
 */
export function arrayElements(text: string, limit = 100_000): readonly (string | null)[] | null {
  const open = text.indexOf('{');
  if (open < 0 || !/^\s*(?:\[[^{]*=\s*)?$/.test(text.slice(0, open))) return null;
  const elements: (string | null)[] = [];
  let at = open;
  let depth = 0;
  while (at < text.length && elements.length <= limit) {
    const character = text.charAt(at);
    if (character === '{') depth += 1;
    else if (character === '}') depth -= 1;
    else if (character !== ',' && !isBlank(character)) {
      const element = readElement(text, at);
      if (element === null) return null;
      elements.push(element.value);
      at = element.end;
      continue;
    }
    at += 1;
    if (depth === 0) return isBlankFrom(text, at) ? elements : null;
  }
  return elements.length > limit ? elements : null;
}

interface Element {
  readonly value: string | null;
  readonly end: number;
}

/** One element, quoted or not; quoted and unquoted parts may stand side by side in old servers. */
function readElement(text: string, start: number): Element | null {
  let value = '';
  let isQuoted = false;
  let at = start;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '"') {
      isQuoted = true;
      at += 1;
      while (at < text.length && text.charAt(at) !== '"') {
        if (text.charAt(at) === '\\') at += 1;
        value += text.charAt(at);
        at += 1;
      }
      if (at >= text.length) return null;
    } else if (character === '\\') {
      at += 1;
      value += text.charAt(at);
    } else if (character === ',' || character === '{' || character === '}') {
      break;
    } else value += character;
    at += 1;
  }
  if (at >= text.length) return null;
  if (isQuoted) return { value, end: at };
  const trimmed = value.trimEnd();
  return { value: trimmed.toUpperCase() === 'NULL' ? null : trimmed, end: at };
}

function isBlank(character: string): boolean {
  return character === ' ' || (character >= '\t' && character <= '\r');
}

function isBlankFrom(text: string, start: number): boolean {
  for (let at = start; at < text.length; at += 1) if (!isBlank(text.charAt(at))) return false;
  return true;
}
