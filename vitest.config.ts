import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** These measure how long others wait, how much memory there is or all that happens, or fill the machine on purpose. */
const ALONE = [
  'test/console/**/*.spec.ts',
  'test/datastore/event-loop.spec.ts',
  'test/datastore/full-disk.spec.ts',
  'test/e2e/{hostile-clients,observability,reload,stalled-reader}.spec.ts',
  'test/executors/**/*.spec.ts',
  'test/limits/dearest-frames.spec.ts',
  'test/load/**/*.spec.ts',
  'test/packaging/**/*.spec.ts',
  'test/plugin-host/endurance.spec.ts',
  'test/regression/{r7,t1,t7,w1}-*.spec.ts',
];

const UNIT = [
  'src/**/*.spec.ts',
  'plugins/**/*.spec.ts',
  'bench/**/*.spec.ts',
  'examples/**/*.spec.ts',
  'console/**/*.spec.ts',
];

/** These replace modules of Node.js, which others have loaded long since where files share a process. */
const MOCKING = [
  'plugins/storage/readers/capacity.reader.spec.ts',
  'plugins/storage/resources/storage-resources.spec.ts',
];

const unit = {
  sequence: { groupOrder: 0 },
  testTimeout: 30_000, // properties and models, on a machine that is busy with other things
};

const system = {
  globalSetup: ['./test/conformance/mongodb-server.setup.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 10_000 } }, // a condition comes when the machine has time for it
};

export default defineConfig({
  resolve: {
    alias: [
      { find: /^dispatcher$/, replacement: root('./src/sdk/index.ts') },
      { find: /^dispatcher\/client$/, replacement: root('./src/client/index.ts') },
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
          ...unit,
          include: UNIT,
          exclude: MOCKING,
          isolate: false, // most of their time is imports, which a process makes once
        },
      },
      {
        extends: true,
        test: { name: 'unit-mocked', ...unit, include: MOCKING },
      },
      {
        extends: true,
        test: {
          name: 'system',
          ...system,
          include: ['test/**/*.spec.ts'],
          exclude: ALONE,
          maxWorkers: 2, // they wait more than they work
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          ...system,
          include: ALONE,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
