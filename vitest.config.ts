import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^dispatcher$/, replacement: root('./src/sdk/index.ts') },
      { find: /^dispatcher\/testing$/, replacement: root('./src/testing/index.ts') },
    ],
  },
  test: {
    setupFiles: ['./test/setup.ts'],
    // threads and children of a test inherit this and can run TypeScript too
    execArgv: ['--import', root('./test/datastore/support/typescript-loader.mjs')],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          testTimeout: 30_000, // properties and models, on a machine that is busy with other things
          include: [
            'src/**/*.spec.ts',
            'plugins/**/*.spec.ts',
            'bench/**/*.spec.ts',
            'console/**/*.spec.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          globalSetup: ['./test/conformance/mongodb-server.setup.ts'],
          include: ['test/**/*.spec.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
