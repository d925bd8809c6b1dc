import type { MergeConflict } from '@daam/shared/api/policies';
import { useId } from 'react';
import type { ReactNode } from 'react';
import { Segmented } from '../../ui/segmented.tsx';
import { placeWords, sideWords } from './conflict-words.ts';

export type Take = 'mine' | 'theirs';

export interface ConflictTableProps {
  readonly table: string;
  readonly conflicts: readonly MergeConflict[];
  /** Null: not decided. */
  readonly taken: Take | null;
  readonly onTake: (take: Take) => void;
}

const sides = [
  ['base', 'Before'],
  ['mine', 'Mine'],
  ['theirs', 'Theirs'],
] as const;

/** What was, what one wrote and what others published for one table, side by side, and whose holds. */
export function ConflictTable({ table, conflicts, taken, onTake }: ConflictTableProps): ReactNode {
  const title = useId();
  return (
    <section aria-labelledby={title} className="flex flex-col gap-2 rounded-panel border border-border p-3">
      <div className="flex flex-wrap items-center gap-2">
        <h4 id={title} className="min-w-0 flex-1 font-data break-words">
          {table}
        </h4>
        <Segmented<Take | ''>
          label={`Whose holds for ${table}`}
          value={taken ?? ''}
          options={[
            { value: 'mine', label: 'Mine' },
            { value: 'theirs', label: 'Theirs' },
          ]}
          onChange={(take) => {
            if (take !== '') onTake(take);
          }}
        />
      </div>
      <table aria-labelledby={title} className="w-full table-fixed border-collapse text-left">
        <thead className="max-narrow:sr-only">
          <tr>
            <th scope="col" className="px-2 py-1 text-12 font-medium text-text-2">
              What
            </th>
            {sides.map(([side, words]) => (
              <th key={side} scope="col" className="px-2 py-1 text-12 font-medium text-text-2">
                {words}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {conflicts.map((conflict) => (
            <Row key={`${conflict.part} ${conflict.key}`} conflict={conflict} taken={taken} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({
  conflict,
  taken,
}: {
  readonly conflict: MergeConflict;
  readonly taken: Take | null;
}): ReactNode {
  return (
    <tr className="border-t border-border align-top max-narrow:block">
      <th scope="row" className="px-2 py-1 font-medium break-words max-narrow:block">
        {placeWords(conflict)}
      </th>
      {sides.map(([side, words]) => (
        <td
          key={side}
          className={`px-2 py-1 break-words max-narrow:flex max-narrow:gap-3 ${side === taken ? 'bg-selection font-medium' : ''}`}
        >
          <span aria-hidden="true" className="w-16 flex-none text-12 text-text-2 narrow:hidden">
            {words}
          </span>
          <span className="min-w-0">{sideWords(conflict, side)}</span>
        </td>
      ))}
    </tr>
  );
}
