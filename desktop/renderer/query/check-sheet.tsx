import type { Explanation } from '@daam/shared/api/explain';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useBridge } from '../bridge/bridge-context.ts';
import { Button } from '../ui/button.tsx';
import { Chip } from '../ui/chip.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { FetchedContent } from '../ui/states.tsx';

export interface CheckSheetProps {
  readonly database: string;
  readonly sql: string;
  readonly onRequest: () => void;
  readonly onClose: () => void;
}

/** What the agent would do with a text: verdict, tables, columns, masks, and the rule that refuses. Nothing is run. */
export function CheckSheet({ database, sql, onRequest, onClose }: CheckSheetProps): ReactNode {
  const bridge = useBridge();
  const explained = useQuery({
    queryKey: ['explain', database, sql],
    queryFn: () => bridge.call('explainStatement', { database, sql }),
    gcTime: 0,
  });
  return (
    <Dialog title="What would happen" isOpen onClose={onClose} shape="sheet">
      <FetchedContent query={explained} what="the verdict">
        {(explanation) => (
          <div className="flex flex-col gap-4">
            {explanation.denial === null ? (
              <Notice severity="information" title="It would run">
                Under policy epoch {explanation.epoch}.
              </Notice>
            ) : (
              <Notice
                severity="problem"
                title={explanation.denial.message}
                code={`${explanation.denial.sqlstate} · ${explanation.denial.rule}`}
                actions={
                  <Button look="primary" onClick={onRequest}>
                    Request access
                  </Button>
                }
              >
                {explanation.denial.hint ?? explanation.denial.detail}
              </Notice>
            )}
            {explanation.statements.map((statement, index) => (
              // eslint-disable-next-line react/no-array-index-key -- statements of one text, in their order
              <Statement key={index} statement={statement} />
            ))}
          </div>
        )}
      </FetchedContent>
    </Dialog>
  );
}

function Statement({ statement }: { readonly statement: Explanation['statements'][number] }): ReactNode {
  return (
    <section aria-label="Statement" className="flex flex-col gap-1.5 border-t border-border pt-3">
      <p className="line-clamp-3 font-data text-12 break-all">{statement.text}</p>
      <p className="flex flex-wrap gap-2">
        <Chip tone={statement.denial === null ? 'ok' : 'bad'}>
          {statement.denial === null ? 'allowed' : 'refused'}
        </Chip>
        {statement.command === null ? null : <Chip>{statement.command}</Chip>}
        {statement.degraded ? <Chip tone="warn">masks show as redacted</Chip> : null}
      </p>
      {statement.reason === null ? null : <p className="text-12 text-text-2">{statement.reason}</p>}
      {statement.tables.length === 0 ? null : (
        <ul className="text-12">
          {statement.tables.map((table) => (
            <li key={`${table.schema}.${table.name}.${table.operation}`}>
              <span className="font-data">{`${table.operation} ${table.schema}.${table.name}`}</span>
              <span className="text-text-2">
                {' '}
                by{' '}
                {table.policies.map(({ policy, version }) => `${policy} v${version}`).join(', ') ||
                  'no policy'}
                {table.rowFilter === null ? '' : ', some rows only'}
              </span>
            </li>
          ))}
        </ul>
      )}
      {statement.columns === null ? null : (
        <ul className="text-12">
          {statement.columns
            .filter(({ kind }) => kind === 'masked' || kind === 'derived')
            .map((column, index) => (
              // eslint-disable-next-line react/no-array-index-key -- names may repeat
              <li key={index} className="text-mask">
                ⊘ {column.name ?? 'a column'}:{' '}
                {column.masks
                  .map(({ preset, policy }) => `${preset} (${policy.policy} v${policy.version})`)
                  .join(', ')}
              </li>
            ))}
        </ul>
      )}
    </section>
  );
}
