import type { TableAccess } from '@daam/shared/api/policies';
import type { RequestView } from '@daam/shared/api/routes/requests';
import type { ReactNode } from 'react';
import { Section } from '../../ui/page.tsx';
import { Loading } from '../../ui/states.tsx';
import { useRead } from '../use-console.ts';

/** What the requester can do now, beside each thing that is asked for. */
export function RightsDifference({ request }: { readonly request: RequestView }): ReactNode {
  const { database, requester, granted } = request;
  const access = useRead(
    ['effective', database.id, requester.id],
    async (api) =>
      await api.getEffectiveAccess({
        params: { database: database.id },
        query: { user: requester.id, limit: 500 },
      }),
  );
  const isNow = request.state === 'active';
  if (access.isError) return null;
  return (
    <Section title="Difference">
      {access.data === undefined ? (
        <Loading what="their rights" />
      ) : granted.policy !== null ? (
        <p>
          {isNow ? 'They have' : 'They would get'} everything of policy <b>{granted.policy.name}</b>, on top
          of {access.data.policies.map(({ name }) => name).join(', ') || 'nothing'}.
        </p>
      ) : (
        <table className="w-full text-left">
          <thead>
            <tr className="text-12 text-text-2">
              <th scope="col" className="py-1 pr-3 font-medium">
                On
              </th>
              <th scope="col" className="py-1 pr-3 font-medium">
                {isNow ? 'Now' : 'Can now'}
              </th>
              <th scope="col" className="py-1 font-medium">
                Asked for
              </th>
            </tr>
          </thead>
          <tbody>
            {differenceRows(granted.access ?? {}, access.data.tables).map(({ on, before, after }) => (
              <tr key={`${on}${after}`} className="border-t border-border align-top">
                <th scope="row" className="py-1 pr-3 font-data font-normal break-all">
                  {on}
                </th>
                <td className="py-1 pr-3">{before}</td>
                <td className="py-1 font-medium">{after}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

export interface DifferenceRow {
  readonly on: string;
  readonly before: string;
  readonly after: string;
}

/** The lines of what is asked for, each with how it is without it. */
export function differenceRows(
  access: Readonly<Record<string, unknown>>,
  tables: readonly TableAccess[],
): DifferenceRow[] {
  const tableOf = (name: string): TableAccess | undefined =>
    tables.find(({ schema, table }) => `${schema}.${table}` === name);
  const columnState = (path: string): string => {
    const at = path.lastIndexOf('.');
    const column = tableOf(path.slice(0, at))?.columns.find((one) => one.column === path.slice(at + 1));
    if (column === undefined) return 'not granted';
    return column.mask === null
      ? column.state === 'none'
        ? 'not granted'
        : column.state
      : `masked: ${column.mask.preset}`;
  };
  return [
    ...itemsOf(access['tables']).map((item) => {
      const on = textOf(item['table']);
      const columns = textsOf(item['columns']);
      const operations = textsOf(item['operations']).join(', ') || 'select';
      return {
        on,
        before:
          tableOf(on)
            ?.operations.map(({ operation }) => operation)
            .join(', ') || 'not granted',
        after: columns.length === 0 ? operations : `${operations} of ${columns.join(', ')}`,
      };
    }),
    ...itemsOf(access['unmask']).map((item) => {
      const on = textOf(item['column']);
      const to = textOf(item['to']);
      return { on, before: columnState(on), after: to === '' || to === 'none' ? 'clear' : `masked: ${to}` };
    }),
    ...itemsOf(access['masks']).map((item) => {
      const on = textOf(item['column']);
      return { on, before: columnState(on), after: `masked: ${textOf(item['preset'])}` };
    }),
  ];
}

function itemsOf(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
