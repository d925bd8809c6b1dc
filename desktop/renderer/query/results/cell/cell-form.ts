/** How a value can be looked at besides as text. */
import { arrayElements } from '@daam/shared/sql/array-literal';
import type { ResultColumn } from '../../../../ipc/schema.ts';
import { readBytes } from './bytes.ts';
import { parseJson } from './parse-json.ts';
import type { JsonNode } from './parse-json.ts';

export type CellForm =
  | { readonly kind: 'text' }
  | { readonly kind: 'tree'; readonly root: JsonNode }
  | { readonly kind: 'list'; readonly root: JsonNode }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

const text: CellForm = { kind: 'text' };
const maxItems = 50_000;

/** A value that was cut is text: half of a tree would say what is not so. */
export function formOf(value: string, { kind }: ResultColumn, isWhole: boolean): CellForm {
  if (!isWhole) return text;
  if (kind === 'json') {
    const root = parseJson(value);
    return root === null || (root.kind !== 'object' && root.kind !== 'array') ? text : { kind: 'tree', root };
  }
  if (kind === 'bytes') {
    const bytes = readBytes(value);
    return bytes === null ? text : { kind: 'bytes', bytes };
  }
  // Of more than one dimension, a list would hide which element stands where.
  if (kind !== 'array' || !/^\{(?!\s*\{)/.test(value)) return text;
  const items = arrayElements(value, maxItems);
  if (items === null || items.length > maxItems) return text;
  return {
    kind: 'list',
    root: {
      kind: 'array',
      items: items.map((item) =>
        item === null ? { kind: 'literal', text: 'NULL' } : { kind: 'literal', text: item },
      ),
    },
  };
}
