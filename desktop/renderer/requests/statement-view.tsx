import type { RequestContext } from '@daam/shared/api/routes/requests';
import type { ReactNode } from 'react';
import { Section } from '../ui/page.tsx';

type Statement = NonNullable<RequestContext['statement']>;
type Mark = Statement['marks'][number];

/** The statement that came with a request; columns that are masked for its author stand out, and are named below. */
export function StatementView({ context }: { readonly context: RequestContext | undefined }): ReactNode {
  const statement = context?.statement ?? null;
  if (statement === null) return null;
  const columns = new Map(statement.marks.map((mark) => [mark.column, mark]));
  return (
    <Section title="Statement">
      <pre className="overflow-x-auto rounded-panel border border-border bg-sunken px-3 py-2 font-data text-12 break-words whitespace-pre-wrap">
        {piecesOf(statement).map(({ at, text, mark }) =>
          mark === null ? (
            <span key={at}>{text}</span>
          ) : (
            <mark
              key={at}
              className="rounded-chip bg-mask-bg px-0.5 font-medium text-mask underline decoration-dotted"
            >
              {text}
            </mark>
          ),
        )}
      </pre>
      {columns.size === 0 ? null : (
        <ul className="mt-1 text-12 text-text-2">
          {[...columns.values()].map((mark) => (
            <li key={mark.column}>
              <span className="font-data">{mark.column}</span> {maskWords(mark)}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function maskWords({ preset, isCleared }: Mark): string {
  const now = preset === null ? 'is hidden from them' : `is masked for them (preset ${preset})`;
  return isCleared ? `${now}; this request shows it as it is` : now;
}

interface Piece {
  readonly at: number;
  readonly text: string;
  readonly mark: Mark | null;
}

/** The text in order, cut where marks begin and end. */
function piecesOf({ text, marks }: Statement): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const mark of marks) {
    if (mark.from < at || mark.to > text.length) continue;
    if (mark.from > at) pieces.push({ at, text: text.slice(at, mark.from), mark: null });
    pieces.push({ at: mark.from, text: text.slice(mark.from, mark.to), mark });
    at = mark.to;
  }
  if (at < text.length) pieces.push({ at, text: text.slice(at), mark: null });
  return pieces;
}
