import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** The app's window talks to its main process: what talks over a WebSocket is left out of that build. */
const electronBridge: Plugin = {
  name: 'daam-electron-bridge',
  enforce: 'pre',
  resolveId(source, importer, options) {
    if (!source.endsWith('/bridge/open-bridge.ts')) return null;
    return this.resolve(source.replace('open-bridge.ts', 'open-bridge-electron.ts'), importer, options);
  },
};

/** `--mode electron` builds for the app's window, else for a browser. */
export default defineConfig(({ mode }) => ({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), tailwindcss(), ...(mode === 'electron' ? [electronBridge] : [])],
  build: {
    target: ['es2024', 'chrome130', 'firefox130', 'safari18'],
    cssTarget: ['chrome130', 'firefox130', 'safari18'],
    // The content security policy allows no inline code and no data: URLs.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    sourcemap: false,
  },
}));
