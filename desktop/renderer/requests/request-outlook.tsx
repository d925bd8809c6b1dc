import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { useApi } from '../bridge/use-api.ts';
import { apiKey } from '../bridge/use-engine-data.ts';
import { Button } from '../ui/button.tsx';
import { duration } from '../ui/time.ts';
import { approvalWords } from './approval-words.ts';
import { askedOf } from './request-draft.ts';
import type { RequestDraft } from './request-draft.ts';
import { termsLines, windowWords } from './request-words.ts';

/** Milliseconds without a change before anybody is asked. */
const settle = 400;

export interface RequestOutlookProps {
  readonly draft: RequestDraft;
  /** Ask for this instead: it opens without anybody. */
  readonly onInstead: (access: Readonly<Record<string, unknown>>, minutes: number) => void;
}

/** Beside a request that is being written: who could approve it, how long that usually takes, and what needs nobody. */
export function RequestOutlook({ draft, onInstead }: RequestOutlookProps): ReactNode {
  const api = useApi();
  const asked = useSettled(JSON.stringify(askedOf(draft)));
  const preview = useQuery({
    queryKey: [apiKey, 'request-preview', asked],
    queryFn: () => api.previewRequest({ body: JSON.parse(asked) as { readonly database: string } }),
    enabled: asked !== 'null' && !draft.emergency,
    retry: false,
    staleTime: 30_000,
  });
  if (draft.emergency) return <Outlook lines={['An emergency opens at once, and is reviewed afterwards.']} />;
  if (asked === 'null') return <Outlook lines={['Say what you ask for to see who decides.']} />;
  // An older control plane does not know, and what is wrong with the request is said when it is sent.
  if (preview.data === undefined)
    return preview.isError ? null : <Outlook lines={['Looking up who decides…']} />;
  const { approval, usual, pendingMinutes, alternatives } = preview.data;
  return (
    <Outlook
      lines={[
        ...approvalWords(approval, approval.automatic ? {} : { pendingMinutes }),
        ...(usual === null
          ? []
          : [`Usually decided in ${duration(usual.minutes * 60_000)} (the middle of the last ${usual.of}).`]),
      ]}
    >
      {alternatives.length === 0 ? null : (
        <div className="flex flex-col gap-2">
          <h3 className="font-medium">Less, without waiting</h3>
          {alternatives.map(({ access, minutes }) => {
            const terms = { policy: null, access, minutes, startAt: null };
            const words = `${termsLines(terms).join(', ')} ${windowWords(terms)}`;
            return (
              <div key={words} className="flex flex-col items-start gap-1">
                <span className="break-words">{words}</span>
                <Button onClick={() => onInstead(access, minutes)}>Ask for this instead</Button>
              </div>
            );
          })}
        </div>
      )}
    </Outlook>
  );
}

function Outlook({
  lines,
  children,
}: {
  readonly lines: readonly string[];
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <section
      aria-label="Who decides"
      className="flex h-fit flex-col gap-2 rounded-panel border border-border bg-sunken px-3 py-2"
    >
      <h2 className="font-bold">Who decides</h2>
      {lines.map((line) => (
        <p key={line} className="break-words text-text-2">
          {line}
        </p>
      ))}
      {children}
    </section>
  );
}

/** A value once it has not changed for a while; the first one at once. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), settle);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
