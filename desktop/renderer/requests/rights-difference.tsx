import type { RequestContext, RequestView } from '@daam/shared/api/routes/requests';
import type { ReactNode } from 'react';
import { Section } from '../ui/page.tsx';
import { differenceRows } from './difference-rows.ts';

/** What its requester can do without a request, beside what they can do with it. */
export function RightsDifference({
  request,
  context,
}: {
  readonly request: RequestView;
  readonly context: RequestContext | undefined;
}): ReactNode {
  const difference = context?.difference ?? null;
  if (difference === null) return null;
  const rows = differenceRows(difference);
  return (
    <Section title="Difference">
      {rows.length === 0 ? (
        <p className="text-text-2">It changes nothing: they can do all of this already.</p>
      ) : (
        <table className="w-full text-left">
          <thead>
            <tr className="text-12 text-text-2">
              <th scope="col" className="py-1 pr-3 font-medium">
                On
              </th>
              <th scope="col" className="py-1 pr-3 font-medium">
                Without it
              </th>
              <th scope="col" className="py-1 font-medium">
                {request.state === 'active' ? 'Now' : 'With it'}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ on, before, after }) => (
              <tr key={`${on} ${after}`} className="border-t border-border align-top">
                <th scope="row" className="py-1 pr-3 font-data text-12 font-normal break-all">
                  {on}
                </th>
                <td className="py-1 pr-3">{before}</td>
                <td className="py-1 font-medium">{after}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {difference.more === 0 ? null : <p className="text-text-2">And {difference.more} more tables.</p>}
      {difference.isReported ? null : (
        <p className="text-12 text-text-2">
          By the names in policies: no agent has reported the tables of this database yet.
        </p>
      )}
    </Section>
  );
}
