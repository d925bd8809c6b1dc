import type { PostgresMajor } from '../../domain/postgres-version.ts';
import list13 from './13.json' with { type: 'json' };
import list14 from './14.json' with { type: 'json' };
import list15 from './15.json' with { type: 'json' };
import list16 from './16.json' with { type: 'json' };
import list17 from './17.json' with { type: 'json' };
import list18 from './18.json' with { type: 'json' };
import type { FunctionAllowList } from './allow-list-type.ts';
import type { FunctionList } from './rules.ts';

const lists: Readonly<Record<PostgresMajor, FunctionList>> = {
  13: list13,
  14: list14,
  15: list15,
  16: list16,
  17: list17,
  18: list18,
};

/**
 * The reviewed functions of one server version. Names that the gate judges by their arguments (set_config and the
 * sequence functions) are known and not allowed: without a rule of their own they are refused.
 */
export function loadFunctionAllowList(major: PostgresMajor): FunctionAllowList {
  const list = lists[major];
  const allowed = new Set(list.allowed);
  const known = new Set([...list.allowed, ...list.special, ...Object.values(list.denied).flat()]);
  return {
    isAllowed: (name) => allowed.has(name),
    isKnown: (name) => known.has(name),
  };
}
