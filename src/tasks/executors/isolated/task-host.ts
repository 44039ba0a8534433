import { decodeExtended, encodeWithSecrets, isObject } from '../../../common/index.js';
import type { TaskResources } from '../../task-handler.js';
import type { TaskAssignment } from '../executor.js';
import { toCrossing } from './crossing-error.js';
import type { ExposedMethods } from './exposed-methods.js';
import { HostListeners, type HostOptions } from './host-listeners.js';
import { HostStreams, isStream } from './host-streams.js';
import type { AskMessage, TellMessage } from './messages.js';
import {
  configstoreMethods,
  datastoreMethods,
  dispatcherMethods,
  loggerMethods,
  taskMethods,
} from './host-methods.js';

/**
 * The server's end of what a task in another process has of the server: asks the real dispatcher,
 * stores and log, which the task has acquired, and sends back what they say. Each question is
 * answered exactly once, as long as the task's session lasts.
 */
export class TaskHost {
  readonly #resources: TaskResources;
  readonly #streams = new HostStreams();
  readonly #listeners: HostListeners;
  #methods: ReadonlyMap<string, ExposedMethods> | null = null;
  #isOver = false;

  constructor(
    private readonly assignment: TaskAssignment,
    private readonly options: HostOptions,
  ) {
    const { handler, context } = assignment;
    this.#resources = handler.acquire(context);
    this.#listeners = new HostListeners(this.#resources, options);
  }

  answer(message: AskMessage): void {
    void this.#answer(message);
  }

  /** What nobody waits for can fail only into the log. */
  hear(message: TellMessage): void {
    try {
      void Promise.resolve(this.#serve(message)).catch((error: unknown) =>
        this.#report(message, error),
      );
    } catch (error) {
      this.#report(message, error);
    }
  }

  /** Ends what the task left open. Nothing is answered any more. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#streams.end();
    this.#listeners.end();
    await this.#resources.release();
  }

  async #answer(message: AskMessage): Promise<void> {
    const { process, epoch } = this.options;
    const head = { kind: 'answer' as const, epoch, id: message.id };
    try {
      const value = await this.#serve(message);
      if (this.#isOver) return;
      if (isStream(value)) process.send({ ...head, stream: this.#streams.add(value) });
      else process.send({ ...head, value: encodeWithSecrets(value) ?? null });
    } catch (error) {
      if (!this.#isOver) process.send({ ...head, error: toCrossing(error) });
    }
  }

  #serve({ target, method, args }: AskMessage | TellMessage): unknown {
    const serve = (this.#methods ??= this.#open()).get(target)?.get(method);
    if (serve === undefined) throw new Error(`A task cannot ask for ${target}.${method}`);
    return serve(...(decodeExtended(args) as unknown[]));
  }

  /** When the first question comes: many a task has none. */
  #open(): ReadonlyMap<string, ExposedMethods> {
    const { context } = this.assignment;
    const { dispatcher, datastore, logger } = this.#resources;
    return new Map([
      ['task', taskMethods(context)],
      ['dispatcher', dispatcherMethods(dispatcher)],
      ['datastore', datastoreMethods(datastore)],
      ['configstore', configstoreMethods(this.#resources)],
      ['logger', loggerMethods(logger, context.id)],
      ['stream', this.#streams.target],
      ['listener', this.#listeners.target],
    ]);
  }

  #report({ target, method }: TellMessage, error: unknown): void {
    if (this.#isOver || !isObject(error)) return;
    this.#resources.logger.error(`What a task asked for failed: ${target}.${method}`, { error });
  }
}
