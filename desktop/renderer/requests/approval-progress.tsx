import type { RequestView } from '@daam/shared/api/routes/requests';
import { Check, Circle } from 'lucide-react';
import type { ReactNode } from 'react';
import { moment } from '../ui/time.ts';
import { useNow } from '../ui/use-now.ts';

/** How many approvals there are of those that it takes, and whose. */
export function ApprovalProgress({ request }: { readonly request: RequestView }): ReactNode {
  const now = useNow();
  const { required, given, escalatesAt } = request.approval;
  if (required === 0) return <p>Nobody had to approve it: a rule says so.</p>;
  const missing = request.state === 'pending' ? Math.max(0, required - given.length) : 0;
  return (
    <>
      <p className="sr-only">
        {given.length} of {required} approvals are given.
      </p>
      <ol className="flex flex-col gap-0.5">
        {given.map(({ by, at, note }) => (
          <li key={by.id} className="flex items-start gap-1.5">
            <Check size={14} aria-hidden="true" className="mt-1 flex-none text-ok" />
            <span className="min-w-0 break-words">
              {by.email}, {moment(at, now)}
              {note === null ? '' : `: ${note}`}
            </span>
          </li>
        ))}
        {Array.from({ length: missing }, (_, at) => (
          <li key={`missing ${given.length + at}`} className="flex items-center gap-1.5 text-text-2">
            <Circle size={14} aria-hidden="true" className="flex-none" />
            Approval {given.length + at + 1} of {required} is missing
          </li>
        ))}
      </ol>
      {escalatesAt === null ? null : (
        <p className="text-12 text-text-2">
          Others may approve it as well from {moment(escalatesAt, now)} on.
        </p>
      )}
    </>
  );
}
