import type { ReactNode } from 'react';
import { buttonClass } from '../ui/button.tsx';
import { PageHeader } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';

export function NotFound(): ReactNode {
  return (
    <>
      <PageHeader title="Not found" />
      <Empty
        title="There is no such screen"
        actions={
          <a href="#/databases" className={buttonClass()}>
            Go to Databases
          </a>
        }
      >
        The link may be of another version of the app.
      </Empty>
    </>
  );
}
