import { type ResultMetadata, resultMetadata } from '@daam/shared/api/mask-metadata';
import type { ResultColumn as WireColumn } from '@daam/shared/pgwire/row-description';
import type { ResultColumn } from '../../ipc/schema.ts';
import { typeKind, typeName } from './column-types.ts';

/** What an agent said before a result; null when it cannot be read. */
export function readMetadata(detail: string | undefined): ResultMetadata | null {
  if (detail === undefined) return null;
  try {
    return resultMetadata.parse(JSON.parse(detail));
  } catch {
    return null;
  }
}

/**
 * The columns of a result, each with what is masked in it. Where the agent's word is missing or speaks of other columns,
 * nothing is known: a column is never called plain on a guess.
 */
export function describeColumns(
  columns: readonly WireColumn[],
  metadata: ResultMetadata | null,
): ResultColumn[] {
  const said = metadata?.columns?.length === columns.length ? metadata.columns : null;
  return columns.map(({ name, typeOid, typeModifier }, index): ResultColumn => {
    const about = said?.[index] ?? null;
    const masks = (about?.masks ?? []).map(({ schema, table, ...mask }) => ({
      ...mask,
      relation: `${schema}.${table}`.slice(0, 512),
    }));
    const [only] = masks;
    return {
      name: name.slice(0, 256),
      type: typeName(typeOid, typeModifier),
      typeOid,
      kind: typeKind(typeOid),
      relation: masks.length === 1 ? (only?.relation ?? null) : null,
      shows: said === null ? 'unknown' : (about?.kind ?? 'plain'),
      masks,
    };
  });
}

/** For the result's line: policies that masked something in it. */
export function policiesOf(columns: readonly ResultColumn[]): { name: string; version: number }[] {
  const all = columns.flatMap(({ masks }) => masks.map(({ policy, version }) => ({ name: policy, version })));
  return [...new Map(all.map((each) => [`${each.name} ${each.version}`, each])).values()].slice(0, 64);
}
