import type { ReactNode } from 'react';

const looks = {
  problem: 'border-bad bg-bad-bg',
  warning: 'border-warn bg-warn-bg',
  information: 'border-border bg-sunken',
};

const titleLooks = { problem: 'text-bad', warning: 'text-warn', information: 'text-text' };

export interface NoticeProps {
  readonly severity: keyof typeof looks;
  readonly title: string;
  readonly code?: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** Every state that a person should know about looks and speaks like this: title, what to do, one main action. */
export function Notice({ severity, title, code, children, actions }: NoticeProps): ReactNode {
  return (
    <div
      role={severity === 'problem' ? 'alert' : 'status'}
      className={`flex flex-wrap items-start gap-x-4 gap-y-2 rounded-panel border px-3 py-2 ${looks[severity]}`}
    >
      <div className="min-w-0 flex-1 basis-64">
        <p className={`font-medium ${titleLooks[severity]}`}>{title}</p>
        {children === undefined ? null : <div className="text-text-2">{children}</div>}
        {code === undefined ? null : <p className="font-data text-11 text-text-2">{code}</p>}
      </div>
      {actions === undefined ? null : <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}
