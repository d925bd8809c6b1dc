/**
 * Words about results, for clients that asked for them (`options=-c daam.metadata=on`; shared/api/mask-metadata.ts): a
 * NoticeResponse before each result says which columns are masked, by which policy; another one that the policy in
 * force has changed. The gate's lineage is asked in the analysis thread, beside the data path: when it has no answer,
 * the statement runs all the same, and the notice says that it is not known.
 */
import {
  maxMetadataLength,
  maxPolicyChangeItems,
  policyChangeCode,
  type PolicyChangeNotice,
  type ResultMetadata,
  resultMetadataCode,
} from '@daam/shared/api/mask-metadata';
import { encodeNoticeResponse } from '@daam/shared/pgwire/notice-response';
import type { ColumnMask, RelationAccess, ResolvedAccess } from '@daam/shared/sql/access';
import type { OutputColumn, StatementExplanation } from '@daam/shared/sql/explain/explanation';
import type { SessionNames } from '@daam/shared/sql/verdict';
import type { AccessView } from '../enforce/decisions.ts';

const maxColumns = 1_664;
const maxMasks = 20;
const maxText = 500;

/** The notices that go before the results of a text, one for each statement that has any. Never rejects. */
export async function describeResults(
  view: Pick<AccessView, 'analysis'>,
  sql: string,
  names: SessionNames,
): Promise<Buffer> {
  const explained = await view.analysis?.explain(sql, names);
  if (explained === undefined || 'rule' in explained) return encodeResult(notKnown);
  const results = explained.statements.flatMap((statement, index) => {
    const metadata = metadataOf(statement, index);
    return metadata === null ? [] : [encodeResult(metadata)];
  });
  return Buffer.concat(results);
}

/** The analysis thread is begun when it is first asked: better while the session opens than under its first statement. */
export function warmUp(view: Pick<AccessView, 'analysis'>, names: SessionNames): void {
  void view.analysis?.explain('SELECT 1', names).catch(() => undefined);
}

/** For a result whose columns are not known, or not any more. */
export function unknownResult(): Buffer {
  return encodeResult(notKnown);
}

const notKnown: ResultMetadata = { index: 0, degraded: false, columns: null };

/** Null for a statement without a result. */
function metadataOf({ columns, degraded }: StatementExplanation, index: number): ResultMetadata | null {
  if (columns === null) return null;
  return { index, degraded, columns: columns.length > maxColumns ? null : columns.map(columnOf) };
}

function columnOf({ kind, masks }: OutputColumn): NonNullable<ResultMetadata['columns']>[number] {
  if (kind === 'plain') return null;
  return {
    kind,
    masks: masks.slice(0, maxMasks).map(({ schema, table, column, preset, matchEquality, origin }) => ({
      schema: short(schema),
      table: short(table),
      column: short(column),
      preset,
      match: matchEquality ? 'equality' : 'none',
      policy: short(origin.policy),
      version: origin.version,
    })),
  };
}

function encodeResult(metadata: ResultMetadata): Buffer {
  const detail = JSON.stringify(metadata);
  return encodeNoticeResponse({
    severity: 'NOTICE',
    code: resultMetadataCode,
    message: 'what is masked in the result',
    detail: detail.length > maxMetadataLength ? JSON.stringify({ ...metadata, columns: null }) : detail,
  });
}

/** The notice that another access is in force; null when a person would see no difference. */
export function describePolicyChange(before: ResolvedAccess, after: ResolvedAccess): Buffer | null {
  const change = compareAccess(before, after);
  const isSame =
    JSON.stringify(change.before) === JSON.stringify(change.after) &&
    [change.masked, change.unmasked, change.lost, change.gained].every(({ length }) => length === 0);
  if (isSame) return null;
  return encodeNoticeResponse({
    severity: 'NOTICE',
    code: policyChangeCode,
    message: 'the policy of this session changed',
    detail: JSON.stringify(change),
  });
}

function compareAccess(before: ResolvedAccess, after: ResolvedAccess): PolicyChangeNotice {
  const found = {
    masked: masksOnlyIn(after, before),
    unmasked: masksOnlyIn(before, after),
    lost: readableOnlyIn(before, after),
    gained: readableOnlyIn(after, before),
  };
  const isCut = Object.values(found).some(({ length }) => length > maxPolicyChangeItems);
  const cut = <Item>(items: readonly Item[]): Item[] => items.slice(0, maxPolicyChangeItems);
  return {
    before: cut(before.policies.map(originOf)),
    after: cut(after.policies.map(originOf)),
    masked: cut(found.masked),
    unmasked: cut(found.unmasked),
    lost: cut(found.lost),
    gained: cut(found.gained),
    isCut,
  };
}

/** Columns of tables that both may read, masked in `here` and not, or otherwise, in `there`. */
function masksOnlyIn(here: ResolvedAccess, there: ResolvedAccess): PolicyChangeNotice['masked'] {
  return readable(here).flatMap((relation) => {
    const other = there.relations.get(relation.oid);
    if (other === undefined || !isReadable(other)) return [];
    return [...relation.masks.values()]
      .filter((mask) => !isSameMask(mask, other.masks.get(mask.attnum)))
      .map(({ column }) => ({
        schema: short(relation.schema),
        table: short(relation.name),
        column: short(column),
      }));
  });
}

function isSameMask(mask: ColumnMask, other: ColumnMask | undefined): boolean {
  return other !== undefined && mask.preset === other.preset && mask.matchEquality === other.matchEquality;
}

function readableOnlyIn(here: ResolvedAccess, there: ResolvedAccess): PolicyChangeNotice['lost'] {
  return readable(here)
    .filter(({ oid }) => {
      const other = there.relations.get(oid);
      return other === undefined || !isReadable(other);
    })
    .map(({ schema, name }) => ({ schema: short(schema), table: short(name) }));
}

function readable({ relations }: ResolvedAccess): RelationAccess[] {
  return [...relations.values()].filter(isReadable);
}

function isReadable({ operations, refusal }: RelationAccess): boolean {
  return operations.has('select') && refusal === null;
}

function originOf({ policy, version }: ResolvedAccess['policies'][number]) {
  return { policy: short(policy), version };
}

function short(text: string): string {
  return text.length > maxText ? `${text.slice(0, maxText - 1)}…` : text;
}
