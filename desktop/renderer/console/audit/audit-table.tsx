import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { CopyBlock } from '../copy-block.tsx';
import type { AuditClass, AuditPages, AuditRecord } from './use-audit.ts';

export interface AuditTableProps {
  readonly kind: AuditClass;
  readonly pages: AuditPages;
  readonly nameOf: (database: string) => string;
  readonly emailOf: (user: string | null) => string;
}

/** Records one a row; a row opens as a sentence and as JSON. */
export function AuditTable({ kind, pages, nameOf, emailOf }: AuditTableProps): ReactNode {
  const now = useNow();
  const [opened, setOpened] = useState<AuditRecord | null>(null);
  return (
    <FetchedContent query={pages} what="the audit">
      {({ pages: all }) => {
        const records = all.flatMap(({ items }) => items);
        if (records.length === 0) return <Empty title="No record is like this" />;
        return (
          <>
            <DataTable<AuditRecord>
              label={kind === 'activity' ? 'What was done in the control plane' : `Recorded ${kind}`}
              rows={records}
              rowKey={keyOf}
              columns={[
                {
                  id: 'at',
                  header: 'At',
                  className: 'whitespace-nowrap',
                  render: ({ record }) => (
                    <time dateTime={record.at} title={record.at}>
                      {moment(record.at, now)}
                    </time>
                  ),
                },
                {
                  id: 'what',
                  header: 'What',
                  render: (one) => (
                    <button
                      type="button"
                      onClick={() => setOpened(one)}
                      className="line-clamp-2 text-left break-all text-accent hover:underline"
                    >
                      {titleOf(one)}
                    </button>
                  ),
                },
                {
                  id: 'outcome',
                  header: 'Outcome',
                  render: (one) => <Outcome one={one} />,
                },
                {
                  id: 'who',
                  header: 'Who',
                  render: (one) => (
                    <span className="break-all">
                      {one.of === 'activity' ? one.record.actor.label : emailOf(one.record.user)}
                    </span>
                  ),
                },
                {
                  id: 'where',
                  header: kind === 'activity' ? 'On' : 'Database',
                  render: (one) => (
                    <span className="break-all">
                      {one.of === 'activity'
                        ? `${one.record.target.kind} ${one.record.target.label}`
                        : nameOf(one.record.database)}
                    </span>
                  ),
                },
                {
                  id: 'session',
                  header: 'Session',
                  render: (one) =>
                    one.of === 'activity' || one.record.session === null ? (
                      ''
                    ) : (
                      <a
                        href={`#/admin/sessions/${encodeURIComponent(one.record.session)}`}
                        className="text-accent hover:underline"
                      >
                        replay
                      </a>
                    ),
                },
              ]}
            />
            {pages.hasNextPage ? (
              <div className="px-4 py-3">
                <Button unavailable={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                  {pages.isFetchingNextPage ? 'Reading…' : 'Show older records'}
                </Button>
              </div>
            ) : null}
            {opened === null ? null : (
              <Dialog title="Record" shape="sheet" isOpen onClose={() => setOpened(null)}>
                <p className="break-words">{sentenceOf(opened, { nameOf, emailOf })}</p>
                <CopyBlock label="As JSON" text={JSON.stringify(opened.record, null, 2)} />
              </Dialog>
            )}
          </>
        );
      }}
    </FetchedContent>
  );
}

function keyOf({ of, record }: AuditRecord): string {
  return of === 'activity' ? String(record.seq) : `${record.agent}-${record.seq}`;
}

function textOf(event: Readonly<Record<string, unknown>>, key: string): string {
  const value = event[key];
  return typeof value === 'string' ? value : '';
}

function titleOf({ of, record }: AuditRecord): string {
  if (of === 'activity') return record.action;
  if (of === 'connections') return record.kind;
  return textOf(record.event, record.kind === 'alarm' ? 'detail' : 'text') || record.kind;
}

function Outcome({ one }: { readonly one: AuditRecord }): ReactNode {
  if (one.of === 'activity') return null;
  const { event, kind } = one.record;
  if (kind === 'alarm') return <Chip tone="bad">alarm</Chip>;
  if (event['decision'] === 'deny' || kind.endsWith('.refused')) {
    return <Chip tone="bad">refused {textOf(event, 'sqlstate') || textOf(event, 'code')}</Chip>;
  }
  if (one.of === 'connections') return one.record.end === null ? null : <Chip>{one.record.end.reason}</Chip>;
  const failed = one.record.end?.sqlstate ?? null;
  return failed === null ? <Chip tone="ok">allowed</Chip> : <Chip tone="warn">failed {failed}</Chip>;
}

/** The record for people. */
function sentenceOf(
  one: AuditRecord,
  { nameOf, emailOf }: Pick<AuditTableProps, 'nameOf' | 'emailOf'>,
): string {
  const at = new Date(one.record.at).toLocaleString();
  if (one.of === 'activity') {
    const { actor, action, target } = one.record;
    return `${at}: ${actor.label} did ${action} on ${target.kind} ${target.label}.`;
  }
  const { event, user, database, kind } = one.record;
  const who = emailOf(user) || textOf(event, 'email') || 'somebody unknown';
  if (one.of === 'connections') return `${at}: ${kind} of ${who} on ${nameOf(database)}.`;
  const decision =
    event['decision'] === 'deny' ? `was refused by ${textOf(event, 'rule') || 'a rule'}` : 'was allowed';
  return `${at}: ${who} sent ${textOf(event, 'command') || 'a statement'} to ${nameOf(database)}; it ${decision}.`;
}
