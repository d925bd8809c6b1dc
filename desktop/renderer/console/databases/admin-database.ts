import type { ApiClient } from '@daam/shared/api/client';

/** A database as an administrator sees it. */
export type AdminDatabase = Awaited<ReturnType<ApiClient['listDatabases']>>['items'][number];
