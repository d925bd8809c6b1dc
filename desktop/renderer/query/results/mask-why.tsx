import type { ReactNode } from 'react';
import type { ResultColumn } from '../../../ipc/schema.ts';
import { Button } from '../../ui/button.tsx';
import { Facts } from '../../ui/page.tsx';
import { maskDetails, matchWords, presetWords } from './mask-words.ts';

export interface MaskWhyProps {
  readonly column: ResultColumn;
  readonly onRequest: () => void;
  readonly onCopy: (text: string) => void;
}

/** Why a column shows a mask: the column behind it, what the mask keeps, whose policy it is, what conditions see. */
export function MaskWhy({ column, onRequest, onCopy }: MaskWhyProps): ReactNode {
  const [first, ...others] = column.masks;
  if (first === undefined)
    return <p>This column shows masked values. The agent did not say which policy masks them.</p>;
  return (
    <>
      <Facts
        facts={[
          [
            'Column',
            <span className="font-data text-12" key="c">{`${first.relation}.${first.column}`}</span>,
          ],
          ['Mask', presetWords(first.preset)],
          ['Policy', `${first.policy} v${first.version}`],
          ['Conditions', matchWords(first.match)],
          ...(others.length === 0
            ? []
            : [
                [
                  'Also from',
                  others
                    .map(({ relation, column: name, preset }) => `${relation}.${name} (${preset})`)
                    .join(', '),
                ] as const,
              ]),
        ]}
      />
      {column.shows === 'derived' ? (
        <p className="mt-1.5 text-text-2">It is computed from masked values, so it is a mask too.</p>
      ) : null}
      <div className="mt-2.5 flex flex-wrap gap-2">
        <Button look="primary" onClick={onRequest}>
          Request unmasked access
        </Button>
        <Button onClick={() => onCopy(maskDetails(column))}>Copy details</Button>
      </div>
    </>
  );
}
