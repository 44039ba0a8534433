import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** The console is built into dist/console, from where the debug-mode server reads it at its start. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  logLevel: 'warn',
  build: {
    outDir: fileURLToPath(new URL('../dist/console', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // no data: addresses: the page's policy admits files of its own server only
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  worker: { format: 'es' },
});
