import { CONNECTION } from '../arguments/shared-options.js';
import type { Command, CommandGroup, OperandSpec, OptionSpec, OptionSpecs } from '../command.js';

const CONFIG: OptionSpecs = { config: CONNECTION['config'] as OptionSpec };
const datastoreCommands = () => import('../datastore/datastore.command.js');

export const DATASTORE: CommandGroup = {
  name: 'datastore',
  summary: 'Works on the store that the configuration names, without a server',
  commands: [
    {
      name: 'dump',
      summary: 'Writes collections as JSON lines; also beside a running server',
      operands: [
        {
          name: 'FILE',
          description: 'a new file; - is the standard output (default)',
          isOptional: true,
          completes: 'file',
        },
        {
          name: 'COLLECTION',
          description: 'which ones (default: all)',
          isOptional: true,
          isMultiple: true,
        },
      ],
      options: CONFIG,
      details:
        'To move a store: dump it, point the configuration at the other driver, restore. Nobody but its owner may read the file.',
      load: async () => (await datastoreCommands()).dumpDatastore,
    },
    {
      name: 'restore',
      summary: 'Puts a dump into the store, with the server stopped',
      operands: [{ name: 'FILE', description: 'a dump', completes: 'file' }],
      options: { ...CONFIG, replace: { description: 'drop collections that are there' } },
      load: async () => (await datastoreCommands()).restoreDatastore,
    },
    {
      name: 'migrate',
      summary: 'Applies migrations in order, each once, with the server stopped',
      operands: [{ name: 'FOLDER', description: 'with <collection>/<name>.js', completes: 'file' }],
      options: CONFIG,
      load: async () => (await datastoreCommands()).migrateDatastore,
    },
    {
      name: 'query',
      summary: 'Prints rows; also beside a running server',
      operands: [
        { name: 'COLLECTION', description: 'which one' },
        { name: 'FILTER', description: 'JSON as on the wire', isOptional: true },
        { name: 'PARAMS', description: 'JSON as on the wire', isOptional: true },
      ],
      options: CONFIG,
      prints: true,
      load: async () => (await datastoreCommands()).queryDatastore,
    },
  ],
};

const installCommands = () => import('../plugin/install/install.command.js');
const DIR: OperandSpec = { name: 'DIR', description: 'the plugin’s folder', completes: 'file' };
const PLUGIN_NAME: OperandSpec = { name: 'NAME', description: 'of the plugin' };
const LOADED_NAME: OperandSpec = {
  name: 'NAME',
  description: 'as dispatcherctl plugins shows it',
  completes: 'plugin',
};
const PLUGIN_DIR: OptionSpecs = {
  'plugin-dir': {
    value: 'FOLDER',
    description: 'where plugins are that it depends on, besides the shipped ones',
    isMultiple: true,
    completes: 'file',
  },
};
const STORE: OptionSpecs = {
  dir: {
    value: 'PLUGIN_DIR',
    description: 'which folder (default: the first of plugin-dirs in the configuration)',
    completes: 'file',
  },
  reload: { description: 'tell the running server, which follows at once' },
};

export const PLUGIN: CommandGroup = {
  name: 'plugin',
  summary: 'Makes, checks, packs and installs plugins',
  commands: [
    {
      name: 'new',
      summary: 'Makes the project of a plugin: a provider, a task, an event source, tests',
      operands: [{ name: 'NAME', description: 'lower-case letters, digits and dashes' }],
      options: {
        dir: {
          value: 'FOLDER',
          description: 'where the project’s folder is made (default: the present one)',
          completes: 'file',
        },
      },
      load: async () => (await import('../plugin/new/new.command.js')).newCommand,
    },
    {
      name: 'check',
      summary: 'Loads a plugin without a server and lists what it registers',
      operands: [DIR],
      options: {
        ...PLUGIN_DIR,
        strict: { description: 'end with status 7 when there are warnings' },
        json: { description: 'everything, with all schemas' },
        timeout: {
          value: 'SECONDS',
          description: 'how long construction and init may take, each (default: 10)',
        },
      },
      load: async () => (await import('../plugin/check/check.command.js')).checkCommand,
    },
    {
      name: 'dev',
      summary: 'Runs a server beside it, with the console, that reads it again on each save',
      operands: [DIR],
      options: {
        port: { value: 'PORT', description: 'for clients (default: a free one)' },
        'console-port': { value: 'PORT', description: 'for the console (default: a free one)' },
        state: {
          value: 'FOLDER',
          description: 'what the server remembers (default: one that is removed at the end)',
          completes: 'file',
        },
        ...PLUGIN_DIR,
      },
      endsAtInterrupt: true,
      load: async () => (await import('../plugin/dev/dev.command.js')).devCommand,
    },
    {
      name: 'pack',
      summary: 'Makes an archive of a plugin that install takes',
      operands: [DIR],
      options: {
        out: {
          value: 'FOLDER',
          description: 'where it is written (default: the present folder)',
          completes: 'file',
        },
      },
      load: async () => (await import('../plugin/pack/pack.command.js')).packCommand,
    },
    {
      name: 'install',
      summary: 'Puts a plugin and what it needs into a plugin directory: all of it or nothing',
      operands: [
        {
          name: 'FILE|NAME',
          description: 'an archive that pack made, or a package of the npm registry',
          completes: 'file',
        },
      ],
      options: {
        ...STORE,
        'allow-scripts': {
          description: 'run the install scripts of what it needs; they may do anything',
        },
      },
      talks: true,
      load: async () => (await installCommands()).installCommand,
    },
    {
      name: 'rollback',
      summary: 'Brings back the version that the last install has replaced',
      operands: [PLUGIN_NAME],
      options: STORE,
      talks: true,
      load: async () => (await installCommands()).rollbackCommand,
    },
    {
      name: 'remove',
      summary: 'Takes an installed plugin away',
      operands: [PLUGIN_NAME],
      options: STORE,
      talks: true,
      load: async () => (await installCommands()).removeCommand,
    },
    {
      name: 'disable',
      summary: 'Makes the running server do without a plugin until it is enabled again',
      operands: [LOADED_NAME],
      details: 'Those that depend on it go with it. The server remembers that over restarts.',
      talks: true,
      load: async () => (await import('../plugin/switch.command.js')).disableCommand,
    },
    {
      name: 'enable',
      summary: 'Lets the running server have a plugin again',
      operands: [LOADED_NAME],
      talks: true,
      load: async () => (await import('../plugin/switch.command.js')).enableCommand,
    },
    {
      name: 'list',
      summary: 'Lists installed plugins',
      options: STORE,
      talks: true,
      load: async () => (await installCommands()).listCommand,
    },
  ],
};

export const CHECK_CONFIG: Command = {
  name: 'check-config',
  summary: 'Checks the configuration of the server and of this program',
  options: CONFIG,
  load: async () => (await import('../check-config/check-config.command.js')).checkConfigCommand,
};

export const CODEGEN: Command = {
  name: 'codegen',
  summary: 'Writes one TypeScript file that types everything a server offers',
  options: {
    from: {
      value: 'FILE|URL',
      description: 'a description that was saved with --document, or a running dispatcher',
      completes: 'file',
    },
    out: {
      value: 'FILE',
      description: 'where to write it (default: the standard output)',
      completes: 'file',
    },
    check: { description: 'only say whether FILE is what would be written: status 7 when not' },
    document: {
      description: 'write what the server says of itself, as JSON for --from, and no TypeScript',
    },
    import: {
      value: 'NAME',
      description: 'where the file finds the client library (default: dispatcher/client)',
    },
  },
  talks: true,
  load: async () => (await import('../codegen/codegen.command.js')).codegenCommand,
};

export const COMPLETION: Command = {
  name: 'completion',
  summary: 'Prints what makes a shell complete the words of this program',
  operands: [
    { name: 'SHELL', description: 'bash, zsh or fish', completes: ['bash', 'zsh', 'fish'] },
  ],
  examples: [
    'source <(dispatcherctl completion bash)',
    'dispatcherctl completion fish > ~/.config/fish/completions/dispatcherctl.fish',
  ],
  load: async () => (await import('../completion/completion.command.js')).completionCommand,
};
