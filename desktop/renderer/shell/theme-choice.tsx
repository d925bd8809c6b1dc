import type { ReactNode } from 'react';
import { useStoredChoice } from '../ui/stored-choice.ts';

const themes = [
  ['system', 'System theme'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const;

/** The system's theme unless the person chooses; /theme.js applies the choice before the first paint. */
export function ThemeChoice(): ReactNode {
  const [chosen, choose] = useStoredChoice('daam.theme');
  return (
    <select
      aria-label="Theme"
      value={themes.some(([theme]) => theme === chosen) ? (chosen ?? 'system') : 'system'}
      onChange={({ target }) => {
        choose(target.value);
        const { dataset } = document.documentElement;
        if (target.value === 'system') delete dataset['theme'];
        else dataset['theme'] = target.value;
      }}
      className="h-7 rounded-control border border-control bg-surface px-1.5 text-text"
    >
      {themes.map(([theme, label]) => (
        <option key={theme} value={theme}>
          {label}
        </option>
      ))}
    </select>
  );
}
