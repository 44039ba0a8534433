import { decodeExtended } from '../common/index.js';
import { bindTask, type Task } from '../sdk/index.js';
import {
  askToStop,
  type LoadMessage,
  perform,
  type RunMessage,
  runToOutcome,
  toRunFailure,
} from '../tasks/executor-protocol.js';
import { IpcTaskContext } from './ipc-task-context.js';
import type { Leftovers } from './leftovers.js';
import { type ServerInjectables, LoadedPlugins } from './loaded-plugins.js';
import { ProgressThrottle } from './progress-throttle.js';
import { RemoteConfigStore } from './remote-config-store.js';
import { RemoteDatastore } from './remote-datastore.js';
import { RemoteDispatcher } from './remote-dispatcher.js';
import { RemoteLogger } from './remote-logger.js';
import { type Send, TaskLink } from './task-link.js';
import type { StartedPrograms } from './started-programs.js';
import type { CurrentTask } from './current-task.js';

/** The instance of the session that goes on. */
interface Instance {
  readonly task: Task;
  readonly context: IpcTaskContext;
  readonly progress: ProgressThrottle;
}

/** What the process has of its own. */
export interface RunnerParts {
  readonly room: CurrentTask;
  readonly leftovers: Leftovers;
  readonly programs: StartedPrograms;
}

/** Does what the server says: loads plugins, runs one task after another. */
export class WorkerRun {
  readonly #plugins: LoadedPlugins;
  #instance: Instance | null = null;

  constructor(
    private readonly send: Send,
    private readonly parts: RunnerParts,
  ) {
    this.#plugins = new LoadedPlugins(injectablesOf(parts.room.caller));
  }

  load(message: LoadMessage): void {
    void this.parts.room.occupy(() => this.#load(message));
  }

  run(message: RunMessage): void {
    void this.parts.room.occupy(() => this.#run(message));
  }

  abort(epoch: number): void {
    const link = this.parts.room.current;
    if (link?.epoch !== epoch) return;
    link.abort();
    const instance = this.#instance;
    if (instance === null) return;
    const willStop = this.parts.room.runAs(link, () =>
      askToStop(instance.task, (warning) => instance.context.warn(warning)),
    );
    if (!willStop) this.send({ kind: 'will-not-stop', epoch });
  }

  async #load(message: LoadMessage): Promise<void> {
    const { epoch } = message;
    try {
      await this.parts.room.runAs(this.#linkOf(message), () => this.#plugins.load(message));
      this.parts.leftovers.note();
      this.send({ kind: 'loaded', epoch });
    } catch (error) {
      this.send({ kind: 'not-loaded', epoch, failure: toRunFailure(error) });
    }
  }

  async #run(message: RunMessage): Promise<void> {
    const { epoch, step } = message;
    this.parts.programs.enter(epoch);
    const link = this.#linkOf(message);
    const args = decodeExtended(message.args) as unknown[];
    const outcome = await this.parts.room.runAs(link, () =>
      runToOutcome(async () => {
        this.#instance ??= await this.#create(message, link);
        return perform(this.#instance.task, step, args);
      }),
    );
    this.#instance?.progress.flush();
    const spent = await this.parts.leftovers.find();
    this.parts.programs.leave();
    this.send({ kind: 'ended', epoch, outcome, ...(spent !== null && { spent }) });
  }

  /** A session's first message begins it, and ends what came before. */
  #linkOf({ epoch, task }: LoadMessage | RunMessage): TaskLink {
    const { current } = this.parts.room;
    if (current?.epoch === epoch) return current;
    const link = new TaskLink(epoch, task, this.send);
    this.parts.room.enter(link);
    this.#instance = null;
    return link;
  }

  /** What a task is given is as it is when its run begins, and follows from there. */
  async #followSettings(plugin: string, link: TaskLink): Promise<void> {
    const isSetting = await this.#plugins.refreshSettings(plugin);
    if (isSetting === null) return;
    link.watchConfiguration(async ({ keys }) => {
      if ((keys as readonly string[]).some(isSetting)) await this.#plugins.refreshSettings(plugin);
    });
    await this.#plugins.refreshSettings(plugin); // what changed before it was listened for
  }

  async #create(message: RunMessage, link: TaskLink): Promise<Instance> {
    await this.#followSettings(message.plugin, link);
    const task = await this.#plugins.create(message);
    const progress = new ProgressThrottle(link);
    const context = new IpcTaskContext(link, progress);
    const { dispatcher, datastore, configstore, logger } = injectablesOf(() => link);
    Object.assign(task, { dispatcher, datastore, configstore, logger });
    bindTask(task, context);
    return { task, context, progress };
  }
}

function injectablesOf(link: () => TaskLink): ServerInjectables {
  return {
    dispatcher: new RemoteDispatcher(link),
    datastore: new RemoteDatastore(link),
    configstore: new RemoteConfigStore(link),
    logger: new RemoteLogger(link),
    settings: () => link().ask('configstore', 'settings', []),
  };
}
