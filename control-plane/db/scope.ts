import type { OrgId } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import { IsolationLevel } from '@mikro-orm/core';
import { query } from './query.ts';
import type { Em, Store } from './store.ts';
import type { SystemScope } from './system-scopes.ts';

/** Everything below a request works on one of these: an entity manager that sees one organization only. */
export interface Scope {
  readonly em: Em;
  readonly org: OrgId;
}

/**
 * An entity manager for one organization, that is in no transaction yet: the ORM's filters and row-level security
 * (db/row-security.ts) both let it see that organization alone.
 */
export function scopeTo(em: Em, org: OrgId): Scope {
  const scoped = em.fork({ session: { variables: { 'daam.org': org } } });
  scoped.setFilterParams('tenant', { org });
  return { em: scoped, org };
}

/** An entity manager for work of no organization, or of several: what it reaches stands in db/system-scopes.ts. */
export function systemScope(store: Store, name: SystemScope): Em {
  return store.em().fork({ session: { variables: { 'daam.system': name } } });
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
  const rows = await query(em, 'select 1 from organizations where id = ? for update', [org]);
  if (rows.length === 0) throw new AppError('NOT_FOUND');
}

/** A failure of the database as an AppError. Its detail has the SQLSTATE and the constraint, never a value. */
export function fromDriver(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof AppError || !('code' in thrown)) return thrown;
  const { code, constraint, table } = thrown as { code?: unknown; constraint?: unknown; table?: unknown };
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return thrown;
  const detail = ['database', code, table, constraint].filter((part) => typeof part === 'string').join(' ');
  if (code === '23505') return new AppError('CONFLICT', { detail });
  // A text that PostgreSQL cannot store, or that is not a value of the column's type.
  if (['22021', '22P05', '22P02', '22003', '22007', '22008'].includes(code)) {
    return new AppError('INVALID_INPUT', { detail });
  }
  return new AppError('INTERNAL', { detail });
}
