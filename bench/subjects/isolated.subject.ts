import { type ChildProcess, fork } from 'node:child_process';
import { systemClock } from '../../src/events/index.js';
import { compilePluginSource } from '../../src/plugin-host/code/plugin-compiler.js';
import type {
  ConfigStore,
  Datastore,
  Dispatcher,
  Logger,
  TaskContext,
} from '../../src/sdk/index.js';
import { ExecutorPool, type TaskAssignment, type TaskHandler } from '../../src/tasks/index.js';
import { PATHS } from '../paths.js';

const ENTRY = '/bench/nothing.ts';
const SOURCE = `
import { Plugin, Task, task } from 'dispatcher';
@task('nothing') class Nothing extends Task { verify() { return []; } run() { return null; } }
@Plugin({ providers: [Nothing] }) export default class NothingPlugin {}
`;

const refuse = (): never => {
  throw new Error('This task asks for nothing');
};
const silent = (): undefined => undefined;
const LOGGER: Logger = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };
const CONTEXT: TaskContext = {
  id: 1,
  cause: 'bench',
  user: null,
  environment: {},
  signal: new AbortController().signal,
  report: silent,
  warn: silent,
  startSubtask: refuse,
  joinSubtask: refuse,
  abortSubtask: refuse,
  verifySubtask: refuse,
};
const RESOURCES = {
  dispatcher: {} as Dispatcher,
  datastore: {} as Datastore,
  configstore: {} as ConfigStore,
  logger: LOGGER,
  release: () => Promise.resolve(),
};
const HANDLER: TaskHandler = {
  name: 'nothing',
  owner: 'bench',
  className: 'Nothing',
  description: null,
  earlyDescribe: null,
  options: {},
  isAbortable: false,
  hasRollback: false,
  isPrivate: false,
  roles: [],
  argumentsValidator: null,
  resultValidator: null,
  origin: {
    plugin: 'bench',
    entry: ENTRY,
    generation: 1,
    options: {},
    sources: () => new Map([[ENTRY, compilePluginSource(SOURCE, ENTRY)]]),
    keep: () => () => undefined,
  },
  acquire: () => RESOURCES,
  create: refuse,
};
const ASSIGNMENT: TaskAssignment = {
  handler: HANDLER,
  args: [],
  context: CONTEXT,
  isSubtask: false,
  onOutput: silent,
};

/** The processes that the product runs tasks in, without the product around them. */
export class IsolatedTasks {
  readonly #pool = new ExecutorPool({
    entry: PATHS.taskWorker,
    clock: systemClock,
    logger: LOGGER,
    min: 1,
    max: 1,
    maxRuns: Infinity,
  });

  async run(): Promise<void> {
    const session = await this.#pool.open(ASSIGNMENT, { signal: CONTEXT.signal });
    const outcome = await session.run();
    await session.close();
    if (outcome.kind !== 'returned') throw new Error(JSON.stringify(outcome));
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

/** A child that sends back what it is sent, and nothing else. */
export class BareChild {
  readonly #child: ChildProcess = fork(PATHS.server('echo-child'));

  /** There and back, with as much in it as a run needs to be told. */
  run(): Promise<void> {
    return new Promise((resolve) => {
      this.#child.once('message', () => resolve());
      this.#child.send({ kind: 'run', epoch: 1, name: 'nothing', args: [], task: CONTEXT.id });
    });
  }

  close(): void {
    this.#child.disconnect();
  }
}
