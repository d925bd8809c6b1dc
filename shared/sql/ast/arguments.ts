import { type AstNode, flag, list, stringConstant, unwrap } from './node.ts';

/** The nth argument of a FuncCall as a string literal, looking through one cast; null for anything else. */
export function literalArgument(call: AstNode, index: number): string | null {
  const argument = list(call, 'args')[index];
  const cast = unwrap(argument);
  return stringConstant(cast?.tag === 'TypeCast' ? cast.body['arg'] : argument);
}

/** Whether arguments stand at their positions: none is named (`a => 1`), none VARIADIC. */
export function isPositionalCall(call: AstNode): boolean {
  return (
    !flag(call, 'func_variadic') && list(call, 'args').every((value) => unwrap(value)?.tag !== 'NamedArgExpr')
  );
}

/**
 * Splits a name as regclass input does: dots, double quotes, unquoted parts folded to lower case
 * (ASCII only, as UTF8 servers fold). Null when it is not a name.
 */
export function parseQualifiedName(input: string): readonly string[] | null {
  const part = /\s*(?:"((?:[^"]|"")+)"|([A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*))\s*/y;
  const parts: string[] = [];
  for (;;) {
    const match = part.exec(input);
    if (match === null) return null;
    parts.push(
      match[1]?.replaceAll('""', '"') ?? (match[2] ?? '').replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
    );
    if (part.lastIndex === input.length) return parts;
    if (input[part.lastIndex] !== '.') return null;
    part.lastIndex += 1;
  }
}
