/** The audit (ux A8): statements, connections and what administrators did, with search, verification and export. */
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Notice } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useRead, useSearchParams } from '../use-console.ts';
import { AuditTable } from './audit-table.tsx';
import { ExportButton, type ExportFilter } from './export-button.tsx';
import { momentOf, readQuestion, writeQuestion } from './query-bar.ts';
import { SavedViews } from './saved-views.tsx';
import { type AuditClass, useAuditPages } from './use-audit.ts';

const classes: readonly { readonly value: AuditClass; readonly label: string }[] = [
  { value: 'statements', label: 'Statements' },
  { value: 'connections', label: 'Connections' },
  { value: 'activity', label: 'Administration' },
];

export function AuditScreen(): ReactNode {
  const [search, setSearch] = useSearchParams();
  const kind = classes.find(({ value }) => value === search['class'])?.value ?? 'statements';
  const line = search['q'] ?? (search['decision'] === 'deny' ? 'outcome:refused' : '');
  const question = readQuestion(line);
  const users =
    useRead(['users'], async (api) => await api.listUsers({ query: { limit: 500 } })).data?.items ?? [];
  const databases = useRead(['databases'], async (api) => await api.listDatabases()).data?.items ?? [];
  const { filters, text } = question;
  const user = users.find(({ email, id }) => email === filters.who || id === filters.who)?.id ?? null;
  const database = databases.find(({ name, id }) => name === filters.db || id === filters.db)?.id ?? null;
  const unknown = [
    ...(filters.who !== undefined && user === null && users.length > 0 ? [`who:${filters.who}`] : []),
    ...(filters.db !== undefined && database === null && databases.length > 0 ? [`db:${filters.db}`] : []),
    ...(['after', 'before'] as const).flatMap((name) =>
      filters[name] !== undefined && momentOf(filters[name]) === null ? [`${name}:${filters[name]}`] : [],
    ),
  ];
  const decision: 'allow' | 'deny' | null =
    filters.outcome === 'refused' ? 'deny' : filters.outcome === 'allowed' ? 'allow' : null;
  const asked: ExportFilter = {
    ...(user === null ? {} : { user }),
    ...(database === null ? {} : { database }),
    ...(filters.table === undefined ? {} : { table: filters.table }),
    ...(filters.session === undefined ? {} : { session: filters.session }),
    ...(decision === null ? {} : { decision }),
    ...(momentOf(filters.after) === null ? {} : { from: momentOf(filters.after) ?? '' }),
    ...(momentOf(filters.before) === null ? {} : { until: momentOf(filters.before) ?? '' }),
    ...(text === '' ? {} : { text }),
  };
  const pages = useAuditPages(kind, {
    asked,
    rule: filters.rule,
    what: filters.what,
    isReady: unknown.length === 0,
  });
  return (
    <>
      <PageHeader
        title="Audit"
        actions={
          <>
            <SavedViews
              kind={kind}
              line={line}
              onAsk={(view) =>
                setSearch({
                  class: view.class === 'statements' ? null : view.class,
                  q: view.question,
                  decision: null,
                })
              }
            />
            <ExportButton query={kind === 'activity' ? { class: 'activity' } : asked} label="Export" />
          </>
        }
      >
        <Segmented<AuditClass>
          label="Which records"
          value={kind}
          options={classes}
          onChange={(value) => setSearch({ class: value === 'statements' ? null : value })}
        />
      </PageHeader>
      <Verification />
      <QueryBar key={line} line={line} onAsk={(next) => setSearch({ q: next, decision: null })} />
      {unknown.length === 0 ? null : (
        <div className="px-4 py-2">
          <Notice severity="warning" title={`Nothing is known as ${unknown.join(', ')}`}>
            Times are written 2026-05-01 or 2026-05-01T09:00.
          </Notice>
        </div>
      )}
      <AuditTable
        kind={kind}
        pages={pages}
        nameOf={(id) => databases.find((one) => one.id === id)?.name ?? id}
        emailOf={(id) => users.find((one) => one.id === id)?.email ?? id ?? ''}
      />
    </>
  );
}

function QueryBar({
  line,
  onAsk,
}: {
  readonly line: string;
  readonly onAsk: (line: string) => void;
}): ReactNode {
  const [text, setText] = useState(line);
  const { filters } = readQuestion(line);
  return (
    <search className="border-b border-border px-4 py-2">
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          onAsk(text.trim());
        }}
      >
        <TextField
          label="Search the audit"
          isLabelHidden
          isData
          type="search"
          placeholder="who:mina@example.com db:orders outcome:refused after:2026-05-01 words of the statement"
          className="min-w-64 flex-1"
          maxLength={500}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <Button type="submit">Search</Button>
        {Object.keys(filters).length === 0 ? null : (
          <ul aria-label="Filters" className="flex w-full flex-wrap gap-1">
            {Object.entries(filters).map(([name, value]) => (
              <li key={name}>
                <Button
                  look="quiet"
                  aria-label={`${name}: ${value}, remove this filter`}
                  onClick={() => {
                    const question = readQuestion(line);
                    const { [name as 'who']: _, ...others } = question.filters;
                    onAsk(writeQuestion({ ...question, filters: others }));
                  }}
                >
                  <Chip>
                    {name}: {value}
                  </Chip>
                </Button>
              </li>
            ))}
          </ul>
        )}
      </form>
    </search>
  );
}

/** Checks every chain from its first record, when asked. */
function Verification(): ReactNode {
  const { run, failure, isBusy } = useAction();
  const [result, setResult] = useState<Awaited<
    ReturnType<Parameters<Parameters<typeof run>[0]>[0]['verifyAudit']>
  > | null>(null);
  const broken = result?.chains.filter(({ ok }) => !ok) ?? [];
  const records = result?.chains.reduce((sum, { records: count }) => sum + count, 0) ?? 0;
  return (
    <div className="flex flex-col gap-2 px-4 py-2">
      <div className="flex flex-wrap items-center gap-2">
        <Button
          unavailable={isBusy}
          onClick={() => void run(async (api) => setResult(await api.verifyAudit()), 'Verified.')}
        >
          {isBusy ? 'Verifying…' : 'Verify'}
        </Button>
        {result === null ? (
          <span className="text-12 text-text-2">Checks every chain from its first record.</span>
        ) : broken.length === 0 ? (
          <Chip tone="ok">
            verified: {records} records in {result.chains.length} chains
          </Chip>
        ) : null}
      </div>
      <ActionProblem failure={failure} />
      {broken.map(({ chain, brokenAt, fault }) => (
        <Notice
          key={chain}
          severity="problem"
          code="AUDIT_CHAIN_BROKEN"
          title={`The chain of ${chain} does not verify`}
        >
          The first bad record is {brokenAt}: it was {fault}.
        </Notice>
      ))}
    </div>
  );
}
