import type { Settings } from './schema.ts';

/** Of a person who has changed none. */
export const initialSettings: Settings = {
  appearance: {
    theme: 'system',
    density: 'comfortable',
    fontSize: 13,
    reduceMotion: false,
    highContrast: false,
  },
  editor: {
    tabSize: 2,
    keywordCase: 'as-typed',
    wrapLines: false,
    confirmRisky: true,
    stopOnError: true,
    historyDays: 90,
  },
  keyboard: { singleKeys: true, shortcuts: {} },
  connections: { idleMinutes: 30, copyFormat: 'psql', copyComment: false },
  notifications: { requests: true, approvals: true, accessEnds: true, accessRemoved: true, tunnelLost: true },
  exportFolder: null,
  pinnedDatabases: [],
};
