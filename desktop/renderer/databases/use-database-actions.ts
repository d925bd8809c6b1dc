import { useState } from 'react';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { Database } from '../../ipc/schema.ts';
import { useNavigate } from '@tanstack/react-router';
import { useBridge, useCapabilities } from '../bridge/bridge-context.ts';
import { useChangeSettings, useSettings } from '../bridge/use-settings.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { connectionFormats, findFormat, formatsFor } from './connection-formats.ts';
import type { ConnectionFormat } from './connection-formats.ts';
import { useCopyConnection } from './copy-secret.ts';

export interface DatabaseActions {
  readonly connect: (database: Database, port?: number) => void;
  readonly disconnect: (database: Database) => void;
  readonly copy: (database: Database, format?: ConnectionFormat) => void;
  readonly dismiss: (database: Database) => void;
  /** Shows its queries where there is an editor, else its panel. */
  readonly open: (database: Database) => void;
  readonly togglePin: (database: Database) => void;
  readonly isBusy: (database: Database) => boolean;
  readonly problemOf: (database: Database) => AppError | null;
  /** The format that was used last. */
  readonly defaultFormat: ConnectionFormat;
}

/** What the list can do, with what is under way and what failed, by database. */
export function useDatabaseActions(): DatabaseActions {
  const bridge = useBridge();
  const announce = useAnnounce();
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());
  const [problems, setProblems] = useState<ReadonlyMap<string, AppError>>(new Map());
  const navigate = useNavigate();
  const { queryEditor } = useCapabilities();
  const { connections, pinnedDatabases } = useSettings();
  const change = useChangeSettings();
  const copyConnection = useCopyConnection();
  const defaultFormat = findFormat(connections.copyFormat);

  function setProblem({ id }: Database, problem: AppError | null): void {
    setProblems((current) => {
      const next = new Map(current);
      if (problem === null) next.delete(id);
      else next.set(id, problem);
      return next;
    });
  }

  async function perform(database: Database, action: () => Promise<unknown>): Promise<void> {
    if (busy.has(database.id)) return;
    setBusy((current) => new Set(current).add(database.id));
    setProblem(database, null);
    try {
      await action();
    } catch (thrown) {
      setProblem(database, toAppError(thrown));
    } finally {
      setBusy((current) => new Set([...current].filter((id) => id !== database.id)));
    }
  }

  async function copy(database: Database, format: ConnectionFormat): Promise<void> {
    if (database.connection.kind !== 'connected') return;
    const { local: address } = database.connection;
    try {
      await copyConnection({ format, address });
      announce(`Copied ${format.label} for ${database.name}.`);
    } catch (cause) {
      setProblem(
        database,
        new AppError('UNSUPPORTED', {
          message: 'The browser did not allow copying.',
          hint: format.write(address, null) ?? '',
          cause,
        }),
      );
    }
  }

  return {
    connect: ({ ...database }, port) =>
      void perform(database, () =>
        bridge.call('connect', { database: database.id, ...(port === undefined ? {} : { port }) }),
      ),
    disconnect: (database) =>
      void perform(database, () => bridge.call('disconnect', { database: database.id })),
    copy: (database, asked = defaultFormat) => {
      const { connection } = database;
      // The usual one may not be able to say a Unix socket.
      const format =
        connection.kind === 'connected' ? findFormat(asked.id, formatsFor(connection.local, true)) : asked;
      if (connectionFormats.includes(format) && format.id !== connections.copyFormat)
        void change({ connections: { ...connections, copyFormat: format.id } });
      void copy(database, format);
    },
    open: ({ id, name }) =>
      void (queryEditor
        ? navigate({ to: '/query', search: { db: id } })
        : navigate({ to: `/databases/${encodeURIComponent(name)}` })),
    togglePin: ({ id, name }) => {
      const isPinned = pinnedDatabases.includes(id);
      announce(isPinned ? `${name} is not pinned any more.` : `${name} is pinned.`);
      void change({
        pinnedDatabases: isPinned
          ? pinnedDatabases.filter((other) => other !== id)
          : [...pinnedDatabases, id],
      });
    },
    dismiss: (database) => setProblem(database, null),
    isBusy: ({ id }) => busy.has(id),
    problemOf: ({ id }) => problems.get(id) ?? null,
    defaultFormat,
  };
}
