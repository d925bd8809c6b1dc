import { AppError } from '@daam/shared/errors/app-error';
import type { Vouch } from '@daam/shared/policy/bundle';
import { recordActivity } from '../audit/activity.ts';
import type { Database } from '../db/entities/database.ts';
import type { Handlers } from '../http/call.ts';
import { bumpEpochs } from '../policies/access-change.ts';
import { actorOf, type Services } from '../services.ts';
import { findDatabase } from './find-database.ts';

/** Vouching for functions and triggers; a change reaches the agent at commit, in its signed bundle. */
export function vouchedHandlers({ clock }: Services): Handlers<'getVouched' | 'putVouched'> {
  return {
    getVouched: async ({ scope, params }) => show(await findDatabase(scope, params.database)),

    putVouched: async ({ caller, scope, params, query, body }) => {
      const database = await findDatabase(scope, params.database);
      if (query.expectEpoch !== undefined && query.expectEpoch !== database.epoch) {
        throw new AppError('CONFLICT', {
          field: 'query.expectEpoch',
          message: `The database is at epoch ${database.epoch} by now.`,
          hint: 'Read what is vouched for again, and apply your change to that.',
        });
      }
      const wanted = sorted(body.vouched);
      refuseTwice(wanted);
      const before = new Set(database.vouched.map(keyOf));
      const after = new Set(wanted.map(keyOf));
      const added = wanted.filter((vouch) => !before.has(keyOf(vouch)));
      const removed = database.vouched.filter((vouch) => !after.has(keyOf(vouch)));
      if (added.length === 0 && removed.length === 0) return show(database);
      const now = clock.now();
      database.vouched = wanted;
      await scope.em.flush();
      await bumpEpochs(scope, [database.id]);
      await scope.em.refresh(database);
      await recordActivity(scope, now, {
        action: 'vouched.changed',
        actor: actorOf(caller),
        target: { kind: 'database', id: database.id, label: database.name },
        detail: { epoch: database.epoch },
        before: { vouched: removed },
        after: { vouched: added },
      });
      return show(database);
    },
  };
}

function keyOf({ kind, oid, sourceHash }: Vouch): string {
  return `${kind} ${oid} ${sourceHash}`;
}

function sorted(vouched: readonly Vouch[]): Vouch[] {
  return vouched.toSorted((a, b) => a.kind.localeCompare(b.kind) || a.oid - b.oid);
}

function refuseTwice(vouched: readonly Vouch[]): void {
  const seen = new Set<string>();
  for (const { kind, oid } of vouched) {
    if (!seen.has(`${kind} ${oid}`)) {
      seen.add(`${kind} ${oid}`);
      continue;
    }
    throw new AppError('INVALID_INPUT', {
      field: 'body.vouched',
      message: `body.vouched: the ${kind} with OID ${oid} is there twice.`,
    });
  }
}

function show({ id, name, epoch, vouched }: Database) {
  return { database: { id, name }, epoch, vouched: [...vouched] };
}
