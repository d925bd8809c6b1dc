import { useEffect } from 'react';
import { useBridgeState } from '../bridge/bridge-context.ts';
import { useSettings } from '../bridge/use-settings.ts';
import { storeChoice } from '../ui/stored-choice.ts';

/** In pixels, where 16 make one rem: sizes of text follow the choice, as they follow the browser's own. */
const baseSize = 13;

/** Puts theme, size, density, motion and contrast onto the document, at once whenever they change. */
export function useAppearance(): void {
  const isOpen = useBridgeState().kind === 'open';
  const { theme, fontSize, density, reduceMotion, highContrast } = useSettings().appearance;
  useEffect(() => {
    // Before the engine has answered, what /theme.js applied stays.
    if (!isOpen) return;
    const { dataset, style } = document.documentElement;
    if (theme === 'system') delete dataset['theme'];
    else dataset['theme'] = theme;
    storeChoice('daam.theme', theme);
    dataset['density'] = density;
    dataset['motion'] = reduceMotion ? 'reduced' : 'usual';
    dataset['contrast'] = highContrast ? 'more' : 'usual';
    style.fontSize = fontSize === baseSize ? '' : `${(fontSize / baseSize) * 100}%`;
  }, [isOpen, theme, fontSize, density, reduceMotion, highContrast]);
}
