import { exportFormat, exportVersion } from '@daam/shared/audit/export-format';
import { ExportWriter } from '@daam/shared/audit/export-writer';
import type { OrgPublicKey } from '@daam/shared/identity/keys';
import type { Scope } from '../db/scope.ts';
import type { AuditSigner } from '../identity/org-signer.ts';
import { batchSize, nextRecords, purgesOf, walkChain } from './chain-reader.ts';
import type { Chain } from './checkpoints.ts';
import type { ExportedChain } from './export-plan.ts';

/** What an export is made from. All of it is read in one snapshot. */
export interface ExportSource {
  readonly scope: Scope;
  readonly chains: readonly ExportedChain[];
  readonly filter: Readonly<Record<string, string>>;
  readonly sign: AuditSigner;
  readonly keys: readonly OrgPublicKey[];
  /** The export's own id. */
  readonly id: string;
  readonly organization: string;
  readonly now: number;
}

/** An export as lines of JSON (shared/audit/export-format.ts), in pieces of text. */
export async function* exportJsonl(source: ExportSource): AsyncGenerator<string> {
  const { scope, sign, id, filter, organization, now } = source;
  const writer = new ExportWriter({ org: scope.org, export: id, sign: (claims) => sign('seal', claims) });
  yield writer.item({
    type: 'header',
    at: now,
    export: id,
    filter: { ...filter },
    format: exportFormat,
    keys: source.keys.map(({ kid, x }) => ({ kid, x })),
    org: scope.org,
    organization,
    version: exportVersion,
  });
  for (const exported of source.chains) {
    const { stream, label, head } = exported.chain;
    yield writer.item({ type: 'stream', complete: exported.complete, label, stream, until: { ...head } });
    yield* exported.complete
      ? wholeChain(source, writer, exported.chain)
      : partOfChain(source, writer, exported);
  }
  yield writer.end();
}

async function* wholeChain(source: ExportSource, writer: ExportWriter, chain: Chain): AsyncGenerator<string> {
  const { scope, sign, now } = source;
  for (const signed of await purgesOf(scope, chain)) yield writer.item({ type: 'purge', ...signed });
  let texts: string[] = [];
  for await (const step of walkChain(scope, chain)) {
    if (step.kind === 'record') texts.push(writer.record(step.record));
    else texts.push(writer.item({ type: 'purged', ...step.range }));
    if (texts.length < batchSize) continue;
    yield texts.join('');
    texts = [];
  }
  yield texts.join('');
  const { stream, head } = chain;
  const claims = { at: now, hash: head.hash, org: scope.org, seq: head.seq, stream };
  yield writer.item({ type: 'checkpoint', ...sign('checkpoint', claims) });
}

async function* partOfChain(
  { scope }: ExportSource,
  writer: ExportWriter,
  { chain, part }: ExportedChain,
): AsyncGenerator<string> {
  for (let after = 0; ; ) {
    const records = await nextRecords(scope, chain, after, part);
    yield records.map((record) => writer.record(record)).join('');
    after = records.at(-1)?.seq ?? after;
    if (records.length < batchSize) return;
  }
}
