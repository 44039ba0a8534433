import eslint from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import tseslint from 'typescript-eslint';

// Who may import whom. A folder may use itself and the folders listed for it; drivers are wired by
// app.module alone. The order is the one a frame travels: the lower a folder, the less it may know.
const base = ['common', 'metrics'];
const model = [...base, 'wire', 'schema'];
const ports = [...model, 'sdk'];
const core = [...ports, 'config', 'logging', 'cluster', 'datastore', 'events', 'auth'];
const calls = [...core, 'tasks', 'rpc'];
const layers = {
  common: [],
  metrics: ['common', 'wire'],
  tracing: [],
  wire: ['common'],
  config: [...base, 'wire'],
  schema: [...base, 'wire'],
  sdk: [...model, 'system'], // of it what works on folders by handles
  system: ['common'],
  logging: [...ports, 'config', 'system'],
  cluster: [...ports, 'config', 'logging', 'system'],
  datastore: [...ports, 'config', 'system', 'logging', 'cluster'],
  events: [...ports, 'config', 'logging', 'cluster'],
  auth: [...ports, 'config', 'system', 'logging', 'cluster', 'datastore'],
  tasks: [...core, 'system', 'tracing'],
  rpc: [...core, 'tasks', 'tracing'],
  settings: [...core, 'tasks'],
  schedules: [...core, 'tasks'],
  'plugin-host': [...calls, 'system', 'settings'],
  'plugin-tools': [...calls, 'plugin-host', 'services', 'testing', 'settings'],
  'task-worker': [...calls, 'plugin-host', 'settings'],
  gateway: calls,
  services: [...calls, 'system', 'settings', 'schedules', 'plugin-host', 'gateway', 'diagnostics'],
  diagnostics: [...ports, 'logging'],
  debug: [...calls, 'plugin-host', 'system'],
  etcd: [...core, 'system', 'client', 'plugin-host', 'wire'],
  testing: [...core, 'tasks', 'settings'],
  client: ['common', 'wire'],
  codegen: ['wire'],
  cli: [
    'client',
    'codegen',
    'config',
    'common',
    'wire',
    'sdk',
    'datastore',
    'schema',
    'system',
    'plugin-host',
    'cluster',
  ],
};

// The composition roots see every room, by its face like everybody.
const rooms = Object.keys(layers);
layers.server = [...rooms, 'mounting'];
layers.mounting = [...rooms, 'server'];
layers.cli.push('server');

// Others import a room's `index.ts` or its Nest module, and of a few rooms a narrower face, which loads less.
const narrowFaces = {
  config: ['cli-configuration.ts', 'did-you-mean.ts'],
  client: ['node/index.ts', 'serve/index.ts'],
  cluster: ['local/index.ts', 'nats/index.ts', 'nats/node-permissions.ts'],
  common: ['portable.ts', 'query/index.ts'],
  rpc: ['cluster-rpc.module.ts'],
  wire: ['constants.ts', 'generation.ts', 'builder/index.ts'],
  sdk: ['datastore.ts', 'decorators/index.ts'],
  schema: ['publish.ts'],
  system: ['folder-handle.ts', 'ownership.ts', 'trusted-tree.ts'],
  datastore: ['drivers/**'], // whom the rule below lets name a driver
  services: ['built-in-services.ts'],
  settings: ['runtime.ts'],
  tasks: ['executor-protocol.ts'],
  'plugin-host': [
    'runtime.ts',
    'plugin-files.ts',
    'dependency-order.ts',
    'code/within-time.ts',
    'plugin-directories.ts',
  ],
  server: ['datastore-drivers.ts', 'application.ts', 'version.ts'],
};
const facesOf = (room) => ['index.ts', `${room}.module.ts`, ...(narrowFaces[room] ?? [])];

// Rooms of a room: what they may import besides their room's layers, and of that only the `index.ts`.
const innerRooms = {
  'gateway/transport': [],
  'gateway/protocol': ['gateway/transport'],
  'gateway/http': ['gateway/transport', 'gateway/protocol'],
};
const roomOf = (inner) => inner.slice(0, inner.indexOf('/'));

export default tseslint.config(
  {
    ignores: [
      'dist',
      'node_modules',
      'coverage',
      'bench/results',
      'test/fixtures/**/broken*',
      'examples/client-in-a-page/api.ts',
    ],
  },
  eslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-extraneous-class': 'off', // Nest modules are classes with a decorator
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'off', // injected classes must stay values: their metadata is emitted
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off', // schema classes describe plain data; nobody constructs them
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }], // `{ left, ...taken }`
      'max-lines': ['error', { max: 400 }],
    },
  },
  {
    files: ['scripts/**/*.mjs'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly', URL: 'readonly' } },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { boundaries },
    settings: {
      'import/resolver': { typescript: { alwaysTryTypes: true } },
      'boundaries/elements': [
        // the inner ones first: a file belongs to the first that it lies in
        ...[...Object.keys(innerRooms), ...Object.keys(layers)].map((name) => ({
          type: name,
          pattern: `src/${name}`,
        })),
      ],
      'boundaries/ignore': ['**/*.spec.ts', 'src/main.ts', 'src/etcd/process/main.ts'], // specs and the program see all
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          message:
            '{{from.element.type}} must not import {{to.element.type}} (layers: see eslint.config.js)',
          policies: [
            ...Object.entries(layers).flatMap(([from, to]) => [
              {
                from: { element: { type: from } },
                allow: { to: { element: { type: from } } },
              },
              ...to.map((room) => ({
                from: { element: { type: from } },
                allow: { to: { element: { type: room, fileInternalPath: facesOf(room) } } },
              })),
            ]),
            ...Object.keys(innerRooms).flatMap((inner) => [
              {
                from: { element: { type: inner } },
                allow: { to: { element: { type: inner } } },
              },
              ...layers[roomOf(inner)].map((room) => ({
                from: { element: { type: inner } },
                allow: { to: { element: { type: room, fileInternalPath: facesOf(room) } } },
              })),
              ...[roomOf(inner), ...Object.keys(innerRooms)]
                .filter((from) => from === roomOf(inner) || innerRooms[from].includes(inner))
                .map((from) => ({
                  from: { element: { type: from } },
                  allow: { to: { element: { type: inner, fileInternalPath: 'index.ts' } } },
                })),
            ]),
          ],
        },
      ],
    },
  },
  {
    // Nothing but the composition root knows which driver runs behind a port.
    files: ['src/**/*.ts'],
    ignores: [
      'src/datastore/drivers/**',
      'src/server/app.module.ts',
      'src/server/datastore-drivers.ts',
      '**/*.spec.ts',
    ],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/datastore/drivers/**', 'mongoose', 'libsql', 'node:sqlite'],
              message: 'Only server/app.module names a driver.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: [
      'src/main.ts',
      'src/task-worker/main.ts',
      'src/etcd/worker/main.ts',
      'src/etcd/process/main.ts',
      'src/plugin-tools/check.worker.ts',
      'src/cli/**',
      '**/*.spec.ts',
    ],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "CallExpression[callee.object.name='process'][callee.property.name=/^(exit|on|once|kill)$/]",
          message: 'The process belongs to main.ts.',
        },
        {
          selector: "Property[key.name='inject'] > ArrayExpression[elements.length>4]",
          message:
            'A factory is given at most four things: make it a class that Nest makes (@Injectable).',
        },
      ],
    },
  },
  {
    files: ['plugins/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/src/**'],
              message: "A plugin imports 'dispatcher', nothing else of the server.",
            },
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
