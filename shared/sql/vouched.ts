import type { Vouch } from '../policy/bundle.ts';
import type { VouchedCode } from './access.ts';
import type { Catalog } from './catalog.ts';

/**
 * The vouches that hold in a catalogue: the function or trigger is there under its OID, and its hash is what it was
 * when an administrator vouched for it. Everything else is as if nobody had: a changed body, a dropped and remade
 * function, an OID of another database.
 */
export function resolveVouched(vouched: readonly Vouch[], catalog: Catalog): VouchedCode {
  const functions = new Map([...catalog.userFunctions.values()].flat().map((code) => [code.oid, code]));
  const triggers = new Map(
    [...catalog.relations.values()]
      .flatMap((relation) => relation.triggers ?? [])
      .map((code) => [code.oid, code]),
  );
  const holding = (kind: Vouch['kind'], known: ReadonlyMap<number, { readonly sourceHash?: string }>) =>
    new Set(
      vouched
        .filter((vouch) => vouch.kind === kind && known.get(vouch.oid)?.sourceHash === vouch.sourceHash)
        .map(({ oid }) => oid),
    );
  return { functions: holding('function', functions), triggers: holding('trigger', triggers) };
}

/** What could be vouched for in a database, with the hashes that it has now; by name. */
export function vouchable(catalog: Catalog): readonly Vouch[] {
  const functions = [...catalog.userFunctions.values()]
    .flat()
    .flatMap(({ oid, schema, name, parameters, sourceHash }): readonly Vouch[] =>
      sourceHash === undefined
        ? []
        : [{ kind: 'function', oid, sourceHash, name: `${schema}.${name}(${parameters ?? ''})` }],
    );
  const triggers = [...catalog.relations.values()].flatMap(({ schema, name: table, triggers: own }) =>
    (own ?? []).map(
      ({ oid, name, sourceHash }): Vouch => ({
        kind: 'trigger',
        oid,
        sourceHash,
        name: `${name} on ${schema}.${table}`,
      }),
    ),
  );
  return [...functions, ...triggers].toSorted((a, b) => a.name.localeCompare(b.name) || a.oid - b.oid);
}
