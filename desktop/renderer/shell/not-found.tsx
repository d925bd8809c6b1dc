import type { ReactNode } from 'react';
import { PageHeader } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';

export function NotFound(): ReactNode {
  return (
    <>
      <PageHeader title="Not found" />
      <Empty title="There is no such screen" actions={<a href="#/databases">Go to Databases</a>}>
        The link may be of another version of the app.
      </Empty>
    </>
  );
}
