import type { Target } from '../../ipc/schema.ts';

/** The address of the screen where a notification or a link leads; ids are data, so they are encoded. */
export function addressOf(target: Target): string {
  switch (target.kind) {
    case 'database':
      return `/databases/${encodeURIComponent(target.id)}`;
    case 'query': {
      const search = new URLSearchParams();
      if (target.database !== null) search.set('db', target.database);
      if (target.saved !== null) search.set('saved', target.saved);
      return search.size === 0 ? '/query' : `/query?${search.toString()}`;
    }
    case 'request':
    case 'review':
      return `/requests/${encodeURIComponent(target.id)}`;
    case 'session':
      return `/admin/sessions/${encodeURIComponent(target.id)}`;
    case 'join':
      return `/welcome?${new URLSearchParams({ at: target.controlPlane }).toString()}`;
    case 'settings':
      break;
  }
  return '/settings';
}
