/** The parts of the settings, as their addresses name them. */
export const settingsSections = [
  ['account', 'Account and devices'],
  ['appearance', 'Appearance'],
  ['editor', 'Editor'],
  ['shortcuts', 'Shortcuts'],
  ['connections', 'Connections'],
  ['notifications', 'Notifications'],
  ['diagnostics', 'Diagnostics'],
] as const;
export type SettingsSection = (typeof settingsSections)[number][0];

const ofBrowsers: readonly SettingsSection[] = ['account', 'appearance', 'shortcuts'];

/** Those that mean something here: without an engine on this machine, few of them do. */
export function settingsHere(hasEngine: boolean): readonly (typeof settingsSections)[number][] {
  return settingsSections.filter(([id]) => hasEngine || ofBrowsers.includes(id));
}
