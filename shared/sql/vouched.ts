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
