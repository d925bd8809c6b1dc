import { isUuid } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import { type Database, DatabaseEntity } from '../db/entities/database.ts';
import type { Scope } from '../db/scope.ts';

/** A database by id or name; NOT_FOUND also for another organization's. */
export async function findDatabase(scope: Scope, reference: string): Promise<Database> {
  const where = isUuid(reference) ? { id: reference } : { name: reference };
  const database = await scope.em.findOne(DatabaseEntity, { ...where, deletedAt: null });
  if (database === null) throw new AppError('NOT_FOUND', { message: 'There is no such database.' });
  return database;
}
