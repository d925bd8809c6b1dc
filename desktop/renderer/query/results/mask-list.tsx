import type { ReactNode } from 'react';
import type { ResultColumn } from '../../../ipc/schema.ts';
import { presetWords } from './mask-words.ts';

/** The masked columns of a result with their reasons. */
export function MaskList({ columns }: { readonly columns: readonly ResultColumn[] }): ReactNode {
  return (
    <ul className="flex flex-col gap-1.5">
      {columns.map((column, index) =>
        column.shows === 'plain' ? null : (
          // eslint-disable-next-line react/no-array-index-key -- names of a result's columns may repeat
          <li key={index}>
            <span className="font-data text-12 font-medium text-mask">⊘ {column.name}</span>
            {column.masks.map((mask) => (
              <span key={`${mask.relation}.${mask.column}`} className="block text-12 text-text-2">
                {presetWords(mask.preset)} · {mask.policy} v{mask.version}
              </span>
            ))}
          </li>
        ),
      )}
    </ul>
  );
}
