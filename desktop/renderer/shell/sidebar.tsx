import type { ReactNode } from 'react';
import { useDatabases } from '../bridge/use-engine-data.ts';
import { databaseElementId } from '../databases/element-id.ts';
import { EnvironmentChip, StateDot } from '../ui/marks.tsx';

const link = 'flex min-h-7 items-center gap-2 rounded-control px-2';
const idle = `${link} text-text-2 hover:bg-sunken hover:text-text`;

/** The main navigation; on a narrow window it opens by the header's Menu button. */
export function Sidebar({
  isOpen,
  onChosen,
}: {
  readonly isOpen: boolean;
  readonly onChosen: () => void;
}): ReactNode {
  const databases = useDatabases().data ?? [];
  const connected = databases.filter(({ connection }) => connection.kind === 'connected');
  return (
    <nav
      id="navigation"
      aria-label="Main"
      className={`overflow-y-auto border-border bg-app px-2 py-2.5 max-narrow:row-start-2 max-narrow:max-h-[50dvh] max-narrow:border-b narrow:border-r ${isOpen ? '' : 'max-narrow:hidden'}`}
    >
      <ul>
        <li>
          <a
            href="#main"
            aria-current="page"
            onClick={onChosen}
            className={`${link} bg-selection font-medium text-text`}
          >
            <span className="flex-1">Databases</span>
            {databases.length === 0 ? null : <span className="text-11">{databases.length}</span>}
          </a>
        </li>
      </ul>
      {connected.length === 0 ? null : (
        <>
          <h2 className="mx-2 mt-3.5 mb-1 text-11 font-bold text-text-3">Connected</h2>
          <ul>
            {connected.map((database) => (
              <li key={database.id}>
                <a href={`#${databaseElementId(database.id)}`} onClick={onChosen} className={idle}>
                  <StateDot state="connected" />
                  <span className="flex-1 truncate">{database.name}</span>
                  <EnvironmentChip environment={database.environment} />
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </nav>
  );
}
