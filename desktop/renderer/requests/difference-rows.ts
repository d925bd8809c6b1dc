/** The difference that a request makes, a line for each table and for each kind of column. Pure. */
import type { RequestContext } from '@daam/shared/api/routes/requests';

type Difference = NonNullable<RequestContext['difference']>;
type Reading = Difference['tables'][number]['columns'][number]['before'];

export interface DifferenceRow {
  readonly on: string;
  readonly before: string;
  readonly after: string;
}

/** Names of columns in one line; the others are counted. */
const maxNames = 8;

export function differenceRows({ tables }: Pick<Difference, 'tables'>): readonly DifferenceRow[] {
  return tables.flatMap(({ schema, table, gained, lost, columns, isFilterChanged }) => {
    const on = `${schema}.${table}`;
    // A table that begins to exist for somebody is one line; that its columns do too goes without saying unless they are masked.
    const isNew = gained.length > 0 && lost.length === 0;
    const shown = columns.filter(
      ({ before, after }) => !(isNew && before.state === 'none' && after.state === 'clear'),
    );
    return [
      ...(gained.length === 0 ? [] : [{ on, before: `no ${gained.join(', ')}`, after: gained.join(', ') }]),
      ...(lost.length === 0 ? [] : [{ on, before: lost.join(', '), after: `no ${lost.join(', ')}` }]),
      ...(isFilterChanged ? [{ on: `rows of ${on}`, before: 'some', after: 'others' }] : []),
      ...shown.map(({ columns: names, before, after }) => ({
        on: `${on} (${named(names)})`,
        before: words(before),
        after: words(after),
      })),
    ];
  });
}

function named(names: readonly string[]): string {
  const rest = names.length - maxNames;
  return rest > 0 ? `${names.slice(0, maxNames).join(', ')} and ${rest} more` : names.join(', ');
}

function words({ state, preset }: Reading): string {
  if (state === 'none') return 'not granted';
  if (state === 'masked') return preset === null ? 'masked' : `masked: ${preset}`;
  return state;
}
