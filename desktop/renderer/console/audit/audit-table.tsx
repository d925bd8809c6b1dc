import { useState } from 'react';
import type { ReactNode } from 'react';
import { useSettings } from '../../bridge/use-settings.ts';
import { Chip } from '../../ui/chip.tsx';
import { Empty, FetchedContent } from '../../ui/states.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { CutText, type VirtualColumn, VirtualTable } from '../../ui/virtual-table.tsx';
import { RecordSheet } from './record-sheet.tsx';
import { actorOf, type AuditNames, keyOf, textOf, titleOf } from './record-words.ts';
import type { AuditClass, AuditPages, AuditRecord } from './use-audit.ts';

export interface AuditTableProps extends AuditNames {
  readonly kind: AuditClass;
  readonly pages: AuditPages;
}

/** Records one a row, any number of them; a row opens as a sentence and as JSON. */
export function AuditTable({ kind, pages, ...names }: AuditTableProps): ReactNode {
  const [opened, setOpened] = useState<AuditRecord | null>(null);
  const { singleKeys } = useSettings().keyboard;
  const columns = useColumns(kind, names, setOpened);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  return (
    <FetchedContent query={pages} what="the audit">
      {({ pages: all }) => {
        const records = all.flatMap(({ items }) => items);
        if (records.length === 0)
          return (
            <Empty title="No record is like this">The newest arrive some moments after they were made.</Empty>
          );
        return (
          <>
            <VirtualTable<AuditRecord>
              key={kind}
              label={kind === 'activity' ? 'What was done in the control plane' : `Recorded ${kind}`}
              rows={records}
              rowKey={keyOf}
              columns={columns}
              onOpen={setOpened}
              singleKeys={singleKeys}
              hasMore={hasNextPage}
              onEnd={() => {
                if (!isFetchingNextPage) void fetchNextPage();
              }}
            />
            {opened === null ? null : (
              <RecordSheet one={opened} names={names} onShow={setOpened} onClose={() => setOpened(null)} />
            )}
          </>
        );
      }}
    </FetchedContent>
  );
}

function useColumns(
  kind: AuditClass,
  names: AuditNames,
  onOpen: (one: AuditRecord) => void,
): VirtualColumn<AuditRecord>[] {
  const now = useNow();
  return [
    {
      id: 'at',
      header: 'At',
      share: 11,
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
      share: 26,
      render: (one) => (
        <button
          type="button"
          onClick={() => onOpen(one)}
          className="block max-w-full truncate text-left text-accent hover:underline"
        >
          {titleOf(one).slice(0, 300)}
        </button>
      ),
    },
    { id: 'outcome', header: 'Outcome', share: 9, render: (one) => <Outcome one={one} /> },
    {
      id: 'who',
      header: 'Who',
      share: 12,
      render: (one) => <CutText text={actorOf(one, names)} />,
    },
    {
      id: 'where',
      header: kind === 'activity' ? 'On' : 'Database',
      share: 8,
      render: (one) => (
        <CutText
          text={
            one.of === 'activity'
              ? `${one.record.target.kind} ${one.record.target.label}`
              : names.nameOf(one.record.database)
          }
        />
      ),
    },
    ...(kind === 'activity'
      ? []
      : [
          {
            id: 'session',
            header: 'Session',
            share: 6,
            render: (one: AuditRecord) => <Replay one={one} />,
          },
        ]),
  ];
}

/** A statement leads to its place in the replay. */
function Replay({ one }: { readonly one: AuditRecord }): ReactNode {
  if (one.of === 'activity' || one.record.session === null) return null;
  const at = one.of === 'statements' ? `?at=${encodeURIComponent(keyOf(one))}` : '';
  return (
    <a
      href={`#/admin/sessions/${encodeURIComponent(one.record.session)}${at}`}
      className="text-accent hover:underline"
    >
      replay
    </a>
  );
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
