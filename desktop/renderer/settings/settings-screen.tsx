import { useNavigate, useParams } from '@tanstack/react-router';
import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import { useCapabilities } from '../bridge/bridge-context.ts';
import { useChangeSettings, useSettings } from '../bridge/use-settings.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Switch } from '../ui/checkbox.tsx';
import { PageHeader, Section } from '../ui/page.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Select } from '../ui/select.tsx';
import { TextField } from '../ui/text-field.tsx';
import type { Settings } from '../../ipc/schema.ts';
import { AccountSection } from './account-section.tsx';
import { ChecksSection } from './checks-section.tsx';
import { settingsHere } from './sections.ts';
import type { SettingsSection } from './sections.ts';
import { LocalPortsSection } from './local-ports-section.tsx';
import { ShortcutsSection } from './shortcuts-section.tsx';

/** What holds for this person on this device. Every change applies at once. */
export function SettingsScreen(): ReactNode {
  const { section } = useParams({ strict: false }) as { section?: string };
  const navigate = useNavigate();
  const { localPort } = useCapabilities();
  const offered = settingsHere(localPort);
  const chosen = offered.find(([id]) => id === section)?.[0] ?? 'account';
  return (
    <>
      <PageHeader title="Settings" />
      <div className="flex min-h-0 flex-1 max-narrow:flex-col">
        <nav
          aria-label="Settings"
          className="w-52 flex-none p-2 max-narrow:w-full max-narrow:px-4 max-narrow:pb-0"
        >
          <ul className="max-narrow:hidden">
            {offered.map(([id, label]) => (
              <li key={id}>
                <a
                  href={`#/settings/${id}`}
                  aria-current={id === chosen ? 'page' : undefined}
                  className={clsx(
                    'flex min-h-7 items-center rounded-control px-2',
                    id === chosen ? 'bg-selection font-medium' : 'text-text-2 hover:bg-sunken',
                  )}
                >
                  {label}
                </a>
              </li>
            ))}
          </ul>
          <div className="narrow:hidden">
            <Select
              label="Part of the settings"
              isLabelHidden
              value={chosen}
              options={offered.map(([value, label]) => ({ value, label }))}
              onChange={(id) => void navigate({ to: `/settings/${id}` })}
            />
          </div>
        </nav>
        <div className="min-w-0 max-w-2xl flex-1">{contentOf(chosen)}</div>
      </div>
    </>
  );
}

function contentOf(section: SettingsSection): ReactNode {
  switch (section) {
    case 'account':
      return <AccountSection />;
    case 'appearance':
      return <AppearanceSection />;
    case 'editor':
      return <EditorSection />;
    case 'shortcuts':
      return <ShortcutsSection />;
    case 'connections':
      return (
        <>
          <ConnectionsSection />
          <LocalPortsSection />
        </>
      );
    case 'notifications':
      return <NotificationsSection />;
    case 'diagnostics':
      break;
  }
  return <ChecksSection />;
}

/** A group of settings, and how to change some of it. */
function useGroup<Group extends 'appearance' | 'editor' | 'connections' | 'notifications'>(
  group: Group,
): [Settings[Group], (changes: Partial<Settings[Group]>) => void] {
  const settings = useSettings();
  const change = useChangeSettings();
  const announce = useAnnounce();
  return [
    settings[group],
    (changes) => {
      change({ [group]: { ...settings[group], ...changes } }).catch(() =>
        announce('It could not be changed.'),
      );
    },
  ];
}

function AppearanceSection(): ReactNode {
  const [appearance, change] = useGroup('appearance');
  return (
    <Section title="Appearance">
      <div className="flex flex-col gap-3">
        <Segmented
          label="Theme"
          isLabelShown
          value={appearance.theme}
          options={[
            { value: 'system', label: 'As the system' },
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
          onChange={(theme) => change({ theme })}
        />
        <Segmented
          label="Density of rows"
          isLabelShown
          value={appearance.density}
          options={[
            { value: 'compact', label: 'Compact' },
            { value: 'comfortable', label: 'Comfortable' },
          ]}
          onChange={(density) => change({ density })}
        />
        <Select
          label="Size of text"
          className="w-40"
          value={String(appearance.fontSize)}
          options={[12, 13, 14, 15, 16].map((size) => ({ value: String(size), label: `${size} px` }))}
          onChange={(size) => change({ fontSize: Number(size) })}
        />
        <Switch
          label="Less motion"
          checked={appearance.reduceMotion}
          onChange={(reduceMotion) => change({ reduceMotion })}
        />
        <Switch
          label="More contrast"
          checked={appearance.highContrast}
          onChange={(highContrast) => change({ highContrast })}
        />
      </div>
    </Section>
  );
}

function EditorSection(): ReactNode {
  const [editor, change] = useGroup('editor');
  return (
    <Section title="Editor">
      <div className="flex flex-col gap-3">
        <Select
          label="Width of a tab"
          className="w-40"
          value={String(editor.tabSize)}
          options={['2', '4', '8'].map((size) => ({ value: size, label: `${size} characters` }))}
          onChange={(size) => change({ tabSize: Number(size) })}
        />
        <Select
          label="Completed keywords"
          className="w-40"
          value={editor.keywordCase}
          options={[
            { value: 'as-typed', label: 'As typed' },
            { value: 'upper', label: 'UPPER CASE' },
            { value: 'lower', label: 'lower case' },
          ]}
          onChange={(keywordCase) => change({ keywordCase })}
        />
        <Switch
          label="Wrap long lines"
          checked={editor.wrapLines}
          onChange={(wrapLines) => change({ wrapLines })}
        />
        <Switch
          label="Ask before risky statements"
          hint="UPDATE and DELETE without WHERE, changes of the schema; on production databases."
          checked={editor.confirmRisky}
          onChange={(confirmRisky) => change({ confirmRisky })}
        />
        <Switch
          label="Stop at the first error"
          checked={editor.stopOnError}
          onChange={(stopOnError) => change({ stopOnError })}
        />
        <Select
          label="Keep the history for"
          className="w-40"
          value={String(editor.historyDays)}
          options={[...new Set([0, 7, 30, 90, 365, editor.historyDays])]
            .toSorted((one, other) => one - other)
            .map((days) => ({ value: String(days), label: days === 0 ? 'Keep none' : `${days} days` }))}
          onChange={(days) => change({ historyDays: Number(days) })}
        />
      </div>
    </Section>
  );
}

function ConnectionsSection(): ReactNode {
  const [connections, change] = useGroup('connections');
  const settings = useSettings();
  const changeAll = useChangeSettings();
  return (
    <Section title="Connections">
      <div className="flex flex-col gap-3">
        <Select
          label="Close a local port that no client uses"
          className="w-72"
          value={String(connections.idleMinutes)}
          options={[...new Set([0, 15, 30, 60, 240, connections.idleMinutes])]
            .toSorted((one, other) => one - other)
            .map((minutes) => ({
              value: String(minutes),
              label: minutes === 0 ? 'Never' : `After ${minutes} min`,
            }))}
          onChange={(minutes) => change({ idleMinutes: Number(minutes) })}
        />
        <Switch
          label="A comment above copied connections"
          hint="Names the database and that it is recorded."
          checked={connections.copyComment}
          onChange={(copyComment) => change({ copyComment })}
        />
        <TextField
          label="Folder of exports"
          hint="An absolute path. Empty: your downloads."
          isData
          defaultValue={settings.exportFolder ?? ''}
          onBlur={({ target }) => {
            const folder = target.value.trim();
            void changeAll({ exportFolder: folder === '' ? null : folder }).catch(() => {});
          }}
        />
      </div>
    </Section>
  );
}

const notificationWords = [
  ['requests', 'My requests are approved, denied or ended'],
  ['approvals', 'A request waits for me'],
  ['accessEnds', 'Access ends soon'],
  ['accessRemoved', 'Access was taken away'],
  ['tunnelLost', 'A connection is lost'],
] as const;

function NotificationsSection(): ReactNode {
  const [notifications, change] = useGroup('notifications');
  return (
    <Section title="Notifications">
      <p className="mb-2 text-text-2">They never hold statements, values or reasons.</p>
      {notificationWords.map(([id, label]) => (
        <Switch
          key={id}
          label={label}
          checked={notifications[id]}
          onChange={(isOn) => change({ [id]: isOn })}
        />
      ))}
    </Section>
  );
}
