/** Settings of the organization: requests, publishing, webhooks, mail, service accounts, retention of the audit. */
import { useNavigate, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { PageHeader } from '../../ui/page.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { MailTab } from './mail-tab.tsx';
import { PublishingTab } from './publishing-tab.tsx';
import { RequestRulesTab } from './request-rules-tab.tsx';
import { RetentionTab } from './retention-tab.tsx';
import { ServiceAccountsTab } from './service-accounts-tab.tsx';
import { WebhooksTab } from './webhooks-tab.tsx';

const parts = ['requests', 'publishing', 'webhooks', 'mail', 'service-accounts', 'retention'] as const;
type Part = (typeof parts)[number];

export function ConsoleSettingsScreen(): ReactNode {
  const { part } = useParams({ strict: false }) as { part?: string };
  const navigate = useNavigate();
  return (
    <>
      <PageHeader title="Settings of the organization" />
      <Tabs<Part>
        label="Settings"
        value={parts.find((one) => one === part) ?? 'requests'}
        onChange={(next) => void navigate({ to: '/admin/settings/$part', params: { part: next } })}
        tabs={[
          { value: 'requests', label: 'Requests & approvals', panel: <RequestRulesTab /> },
          { value: 'publishing', label: 'Publishing', panel: <PublishingTab /> },
          { value: 'webhooks', label: 'Webhooks', panel: <WebhooksTab /> },
          { value: 'mail', label: 'Mail', panel: <MailTab /> },
          { value: 'service-accounts', label: 'Service accounts', panel: <ServiceAccountsTab /> },
          { value: 'retention', label: 'Audit retention', panel: <RetentionTab /> },
        ]}
      />
    </>
  );
}
