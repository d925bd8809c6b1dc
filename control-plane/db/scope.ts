import type { OrgId } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import { DriverException, IsolationLevel, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { Em, Store } from './store.ts';

/** Everything below a request works on one of these: an entity manager that sees one organization only. */
export interface Scope {
  readonly em: Em;
  readonly org: OrgId;
}

/** An entity manager for one organization. */
export function scopeTo(em: Em, org: OrgId): Scope {
  const scoped = em.fork({ keepTransactionContext: true });
  scoped.setFilterParams('tenant', { org });
  return { em: scoped, org };
}

/** One consistent, read-only snapshot. */
export async function readSnapshot<Result>(
  store: Store,
  org: OrgId,
  work: (scope: Scope) => Promise<Result>,
): Promise<Result> {
  const { em } = scopeTo(store.em(), org);
  return await em.transactional(async (tx) => await work({ em: tx, org }), {
    isolationLevel: IsolationLevel.REPEATABLE_READ,
    readOnly: true,
  });
}

/**
 * A transaction that changes something. It starts by locking the organization's row: changes of one
 * organization happen one after the other. That makes "which databases does this concern" sound (no
 * assignment can appear beside it), gives the activity chain its order, and rules out deadlocks.
 */
export async function changeOrganization<Result>(
  store: Store,
  org: OrgId,
  work: (scope: Scope) => Promise<Result>,
): Promise<Result> {
  const { em } = scopeTo(store.em(), org);
  return await em.transactional(async (tx) => {
    await lockOrganization(tx, org);
    return await work({ em: tx, org });
  });
}

/** Locks the organization's row until the transaction ends; NOT_FOUND when there is none. */
export async function lockOrganization(em: Em, org: OrgId): Promise<void> {
  const rows = await em.execute('select 1 from organizations where id = ? for update', [org]);
  if (rows.length === 0) throw new AppError('NOT_FOUND');
}

/** A failure of the ORM as an AppError. Its detail has the SQLSTATE and the constraint, never a value. */
export function fromDriver(thrown: unknown): unknown {
  if (!(thrown instanceof DriverException)) return thrown;
  const { code, constraint, table } = thrown as { code?: string; constraint?: string; table?: string };
  const detail = ['database', code, table, constraint].filter((part) => part !== undefined).join(' ');
  if (thrown instanceof UniqueConstraintViolationException) return new AppError('CONFLICT', { detail });
  // A text that PostgreSQL cannot store, or that is not a value of the column's type.
  if (code !== undefined && ['22021', '22P05', '22P02', '22003', '22007', '22008'].includes(code))
    return new AppError('INVALID_INPUT', { detail });
  return new AppError('INTERNAL', { detail });
}
