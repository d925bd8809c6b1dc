import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Whom the screens talk to differs by shell: what the others need is left out of the build. */
function bridgeOf(shell: 'electron' | 'console'): Plugin {
  return {
    name: `daam-${shell}-bridge`,
    enforce: 'pre',
    resolveId(source, importer, options) {
      if (!source.endsWith('/bridge/open-bridge.ts')) return null;
      return this.resolve(source.replace('open-bridge.ts', `open-bridge-${shell}.ts`), importer, options);
    },
  };
}

/** `--mode electron` builds for the app's window, `--mode console` for the control plane's `/console`, else for a browser on the person's machine. */
export default defineConfig(({ mode }) => ({
  root: import.meta.dirname,
  base: mode === 'console' ? '/console/' : '/',
  plugins: [react(), tailwindcss(), ...(mode === 'electron' || mode === 'console' ? [bridgeOf(mode)] : [])],
  build: {
    target: ['es2024', 'chrome130', 'firefox130', 'safari18'],
    cssTarget: ['chrome130', 'firefox130', 'safari18'],
    // The content security policy allows no inline code and no data: URLs.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    sourcemap: false,
    rolldownOptions: {
      output: {
        // Together, so that no chunk with a schema comes before zod is told to compile nothing.
        codeSplitting: { groups: [{ name: 'schemas', test: /node_modules[\\/]zod[\\/]|no-eval\.ts$/ }] },
      },
    },
  },
}));
