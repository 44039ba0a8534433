import type { Command, CommandGroup, CommandSpec, OperandSpec, OptionSpecs } from './command.js';
import { API_KEY, SCHEDULE, SETTINGS, USER } from './commands/administration.js';
import { CLUSTER } from './commands/cluster.js';
import { ETCD } from './commands/etcd.js';
import { CHECK_CONFIG, CODEGEN, COMPLETION, DATASTORE, PLUGIN } from './commands/tools.js';

const ARGUMENT: OperandSpec = {
  name: 'ARG',
  description:
    'key=text, key:=JSON, key@FILE, key@- (standard input), a value by position, or one JSON array or object for all',
  isOptional: true,
  isMultiple: true,
};
const TASK: OperandSpec = { name: 'TASK', description: 'its name', completes: 'task' };
const ID: OperandSpec = { name: 'ID', description: 'the number of a task' };
const PRIVATE: OptionSpecs = { private: { description: 'also what is for plugins only' } };

const CALL: Command = {
  name: 'call',
  summary: 'Calls a method and prints its answer',
  operands: [
    { name: 'METHOD', description: 'service.method, such as system.info', completes: 'method' },
    ARGUMENT,
  ],
  options: {
    node: {
      value: 'NODE',
      description: 'which node is to make the call, where several serve together; "*": all of them',
    },
  },
  details:
    'What text means is said by the schema of the argument: a number, yes or no, a word of a list, items with commas between, a time (2026-01-31, -2h). The items of a stream are printed as they come, one a line. With --help and a method: what the server says of it.',
  examples: [
    'dispatcherctl call system.info',
    'dispatcherctl call account.create username=jane roles=reader,operator',
    `dispatcherctl call task.query '[[["state", "=", "FAILED"]]]' --select id,name --csv`,
  ],
  talks: true,
  prints: true,
  load: async () => (await import('./call/call.command.js')).callCommand,
};

const SUBMIT: Command = {
  name: 'submit',
  summary: 'Submits a task, shows its progress and prints its result',
  operands: [TASK, ARGUMENT],
  options: {
    detach: { description: 'print the number of the task and do not wait for it' },
    'idempotency-key': {
      value: 'KEY',
      description: 'submitted again with the same key it is the same task',
    },
  },
  details: '^C aborts the task; on a terminal it asks before.',
  examples: ['dispatcherctl submit files.checksum source=/etc'],
  talks: true,
  prints: true,
  load: async () => (await import('./task/submit.command.js')).submitCommand,
};

const taskCommands = () => import('./task/task.commands.js');

const TASK_GROUP: CommandGroup = {
  name: 'task',
  summary: 'Follows tasks, stops them, says why they wait',
  commands: [
    {
      name: 'list',
      summary: 'Lists tasks, the newest first',
      operands: [
        {
          name: 'FILTER',
          description: 'property, sign, value: state=FAILED, id>10, name~=^files, created_at>-2h',
          isOptional: true,
          isMultiple: true,
        },
      ],
      options: { limit: { value: 'N', description: 'how many at most (default: 50)' } },
      examples: ['dispatcherctl task list state=FAILED --csv'],
      talks: true,
      prints: true,
      load: async () => (await taskCommands()).listTasks,
    },
    {
      name: 'show',
      summary: 'Shows all there is to know of a task',
      operands: [ID],
      talks: true,
      prints: true,
      load: async () => (await taskCommands()).showTask,
    },
    {
      name: 'wait',
      summary: 'Waits for the end of a task and prints its result; ^C does not stop the task',
      operands: [ID],
      talks: true,
      prints: true,
      load: async () => (await taskCommands()).waitForTask,
    },
    {
      name: 'abort',
      summary: 'Stops tasks',
      operands: [{ ...ID, isMultiple: true }],
      talks: true,
      load: async () => (await taskCommands()).abortTasks,
    },
    {
      name: 'explain',
      summary: 'Says why a task waits, and how long it was where',
      operands: [ID],
      talks: true,
      prints: true,
      load: async () => (await taskCommands()).explainTask,
    },
    {
      name: 'logs',
      summary: 'Shows what a task printed, and the lines of the log that are about it',
      operands: [ID],
      talks: true,
      prints: true,
      load: async () => (await taskCommands()).showTaskLog,
    },
  ],
};

const LISTEN: Command = {
  name: 'listen',
  summary: 'Prints events as they happen, until ^C',
  operands: [
    {
      name: 'MASK',
      description: 'a name, or a pattern with * ? [...], such as task.*',
      isMultiple: true,
      completes: 'event',
    },
  ],
  options: {
    since: { value: 'CURSOR', description: 'first what happened since then' },
    count: { value: 'N', description: 'end after so many' },
    json: { description: 'JSON, an event on each line, with its cursor' },
  },
  details:
    'A connection that is lost is taken up again where it was; where events may be missing a line says so.',
  talks: true,
  load: async () => (await import('./events/listen.command.js')).listenCommand,
};

const EMIT: Command = {
  name: 'emit',
  summary: 'Publishes an event',
  operands: [{ name: 'EVENT', description: 'its name', completes: 'event' }, ARGUMENT],
  examples: ['dispatcherctl emit backup.done name=nightly size:=1024'],
  talks: true,
  load: async () => (await import('./events/emit.command.js')).emitCommand,
};

const DISCOVERY: readonly Command[] = [
  {
    name: 'services',
    summary: 'Lists the services of the server',
    talks: true,
    prints: true,
    load: async () => (await import('./discovery/list.commands.js')).listServices,
  },
  {
    name: 'methods',
    summary: 'Lists the methods of a service, or of all',
    operands: [
      { name: 'SERVICE', description: 'its name', isOptional: true, completes: 'service' },
    ],
    options: PRIVATE,
    talks: true,
    prints: true,
    load: async () => (await import('./discovery/list.commands.js')).listMethods,
  },
  {
    name: 'describe',
    summary: 'Tells of a method, task, event or service: what it is for and what it takes',
    operands: [{ name: 'NAME', description: 'its name', completes: 'name' }],
    talks: true,
    prints: true,
    load: async () => (await import('./discovery/describe.command.js')).describeCommand,
  },
];

const serverCommands = () => import('./server/server.commands.js');

const SERVER: readonly Command[] = [
  {
    name: 'plugins',
    summary: 'Lists the plugins of the server, and why one does not run',
    talks: true,
    prints: true,
    load: async () => (await serverCommands()).listPlugins,
  },
  {
    name: 'reload',
    summary: 'Makes the server read the code of plugins again',
    operands: [
      {
        name: 'NAME',
        description: 'of a plugin (default: all)',
        isOptional: true,
        isMultiple: true,
        completes: 'plugin',
      },
    ],
    talks: true,
    load: async () => (await serverCommands()).reloadPlugins,
  },
  {
    name: 'status',
    summary: 'Says how the server does, and who you are for it',
    talks: true,
    prints: true,
    load: async () => (await serverCommands()).showStatus,
  },
  {
    name: 'wait-ready',
    summary: 'Waits until the server is there and its plugins are loaded',
    details: 'Gives up after a minute, or --timeout, with status 5.',
    talks: true,
    load: async () => (await serverCommands()).waitReady,
  },
];

const SH: Command = {
  name: 'sh',
  summary: 'Starts the shell: namespaces of the server, pipes over its rows, scripts',
  operands: [
    {
      name: 'FILE',
      description: 'a script to run; - is the standard input; run SCRIPT for one in TypeScript',
      isOptional: true,
      completes: 'file',
    },
    {
      name: 'ARG',
      description: 'of run: the script, then what it is given',
      isOptional: true,
      isMultiple: true,
      completes: 'file',
    },
  ],
  options: {
    execute: {
      value: 'CODE',
      short: 'e',
      description: 'run these lines and end',
      isMultiple: true,
    },
    file: {
      value: 'FILE',
      short: 'f',
      description: 'run the lines of a file and end; - is the standard input',
      completes: 'file',
    },
    'dry-run': { description: 'print the calls and tasks that change something; only ask' },
    'no-files': { description: 'refuse to read and write files of this machine' },
    ...PRIVATE,
  },
  details:
    'dispatcher-cli by itself is the same. Without a terminal, or with -e or -f, it carries out a script: the first line that fails ends it with its status. Otherwise it prompts; help tells what there is.',
  examples: [
    'dispatcher-cli',
    "dispatcher-cli -e 'task show state=FAILED | limit 5 | select id,name' --csv",
    'dispatcher-cli -f nightly.sh',
    'dispatcher-cli run nightly.ts /etc /backup',
  ],
  talks: true,
  prints: true,
  load: async () => (await import('./shell/sh.command.js')).shCommand,
};

const COMMANDS: readonly CommandSpec[] = [
  SH,
  CALL,
  SUBMIT,
  TASK_GROUP,
  LISTEN,
  EMIT,
  ...DISCOVERY,
  ...SERVER,
  USER,
  API_KEY,
  SETTINGS,
  SCHEDULE,
  ETCD,
  DATASTORE,
  CLUSTER,
  PLUGIN,
  CHECK_CONFIG,
  CODEGEN,
  COMPLETION,
  {
    name: '__complete',
    summary: 'Prints what may stand at the end of a command line, for the shells',
    operands: [
      { name: 'WORD', description: 'of the command line', isOptional: true, isMultiple: true },
    ],
    isHidden: true,
    load: async () => (await import('./completion/complete.command.js')).completionOf(ROOT),
  },
];

/**
 * All commands. What is parsed, `--help`, completion and the manual page are made from this, and from
 * nothing else.
 */
export const ROOT: CommandGroup = {
  name: '',
  summary:
    'Works on a running dispatcher: its services, tasks, events, users, settings and plugins',
  commands: COMMANDS,
};
