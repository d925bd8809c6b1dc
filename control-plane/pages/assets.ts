import { readFileSync } from 'node:fs';
import type { Handlers } from '../http/call.ts';

/** The pages' style and script, as they lie beside this file. */
export function assetHandlers(): Handlers<'getPagesStyle' | 'getPagesScript'> {
  const style = readFileSync(new URL('./pages.css', import.meta.url), 'utf8');
  const script = readFileSync(new URL('./pages.js', import.meta.url), 'utf8');
  return {
    getPagesStyle: async () => style,
    getPagesScript: async () => script,
  };
}
