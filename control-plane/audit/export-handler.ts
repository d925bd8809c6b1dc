import { randomUUID } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { exportMediaType } from '@daam/shared/audit/export-format';
import type { OrgId } from '@daam/shared/domain/ids';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import { OrganizationEntity } from '../db/entities/organization.ts';
import { query } from '../db/query.ts';
import { changeOrganization, fromDriver, readSnapshot, type Scope } from '../db/scope.ts';
import type { Call, Handlers } from '../http/call.ts';
import { StreamedAnswer } from '../http/streamed-answer.ts';
import { actorOf, type Services } from '../services.ts';
import { recordActivity } from './activity.ts';
import { exportCsv } from './export-csv.ts';
import { exportJsonl, type ExportSource } from './export-jsonl.ts';
import { filterOf, planExport } from './export-plan.ts';
import { ReadingPace } from './reading-pace.ts';

/** Exports at once, at one replica, each of another organization: each holds a connection, so half of them stay free. */
function exportsAtOnce(poolSize: number): number {
  return Math.max(1, Math.min(4, Math.floor(poolSize / 2)));
}

/** Longest an export may take, in milliseconds: nobody who reads slowly keeps a snapshot for ever. */
const maxExportMs = 3_600_000;

/** One statement of an export may look through a whole chain. */
const statementTimeout = '10min';

/** The log as a stream. What was exported, by whom and with which filter is itself activity. */
export function exportHandlers(services: Services): Handlers<'exportAudit'> {
  const running = new Set<OrgId>();
  const most = exportsAtOnce(services.store.poolSize);
  return {
    exportAudit: async (call) => {
      const { org } = call.caller;
      if (running.has(org)) throw busy('Another export of this organization is running.');
      if (running.size >= most) throw busy('Other exports are running.');
      running.add(org);
      const answer = await beginExport(services, call).catch((error: unknown) => {
        running.delete(org);
        throw error;
      });
      answer.body.once('close', () => running.delete(org));
      return answer;
    },
  };
}

function busy(message: string): AppError {
  return new AppError('RATE_LIMITED', { message, hint: 'Try again when it is done.' });
}

async function beginExport(
  services: Services,
  { caller, query: asked }: Call<'exportAudit'>,
): Promise<StreamedAnswer> {
  const { store, clock, events } = services;
  const now = clock.now();
  const id = randomUUID();
  const isCsv = asked.format === 'csv';
  await changeOrganization(store, caller.org, async (scope) => {
    await planExport(scope, asked);
    await recordActivity(scope, now, {
      action: 'audit.exported',
      actor: actorOf(caller),
      target: { kind: 'export', id, label: asked.format },
      detail: filterOf(asked),
    });
  });
  const body = new PassThrough({ highWaterMark: 256 * 1024 });
  const write = async (scope: Scope): Promise<void> => {
    await query(scope.em, `select set_config('statement_timeout', '${statementTimeout}', true)`);
    const source = await openSource(services, scope, { id, now, asked });
    using pace = new ReadingPace(body);
    const pieces = pace.pieces(isCsv ? exportCsv(source) : exportJsonl(source));
    const lines = Readable.from(pieces, { objectMode: true, highWaterMark: 2 });
    const signal = AbortSignal.any([AbortSignal.timeout(maxExportMs), pace.signal]);
    await pipeline(lines, body, { signal });
  };
  readSnapshot(store, caller.org, write).catch((thrown: unknown) => {
    const error = toAppError(fromDriver(thrown));
    if (!body.destroyed) events.exportFailed(id, error);
    body.destroy(error);
  });
  const fileName = `daam-audit-${new Date(now).toISOString().slice(0, 10)}.${isCsv ? 'csv' : 'jsonl'}`;
  return new StreamedAnswer({ body, mediaType: isCsv ? 'text/csv' : exportMediaType, fileName });
}

async function openSource(
  { signer }: Services,
  scope: Scope,
  {
    id,
    now,
    asked,
  }: { readonly id: string; readonly now: number; readonly asked: Call<'exportAudit'>['query'] },
): Promise<ExportSource> {
  const organization = await scope.em.findOneOrFail(OrganizationEntity, { id: scope.org });
  return {
    scope,
    chains: await planExport(scope, asked),
    filter: filterOf(asked),
    sign: await signer.auditSigner(scope),
    keys: await signer.publicKeys(scope),
    id,
    organization: organization.name,
    now,
  };
}
