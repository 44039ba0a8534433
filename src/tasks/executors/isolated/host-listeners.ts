import { encodeWithSecrets } from '../../../common/index.js';
import type { EventHandler } from '../../../sdk/index.js';
import type { TaskResources } from '../../task-handler.js';
import { type CrossingError, fromCrossing } from './crossing-error.js';
import { asked, type ExposedMethods } from './exposed-methods.js';
import type { ExecutorProcess } from './executor-process.js';

/** Messages that a process may be behind; more would only gather memory while it does nothing. */
const MAX_UNSENT = 10_000;

/** The session that messages go to. */
export interface HostOptions {
  readonly process: ExecutorProcess;
  readonly epoch: number;
}

interface Reply {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What a task in another process listens for: events by mask, changes of the configuration. */
export class HostListeners {
  readonly #stops = new Map<number, () => void>();
  readonly #replies = new Map<number, Reply>();
  #nextReply = 0;

  constructor(
    private readonly resources: TaskResources,
    private readonly options: HostOptions,
  ) {}

  get target(): ExposedMethods {
    return new Map([
      ['listen', asked((...args: [number, string, boolean]) => this.#listen(...args))],
      ['watch', asked((number: number) => this.#watch(number))],
      ['stop', asked((number: number) => this.#stop(number))],
      ['handled', asked((...args: [number, CrossingError | null]) => this.#handled(...args))],
    ]);
  }

  end(): void {
    for (const number of [...this.#stops.keys()]) this.#stop(number);
    for (const { resolve } of this.#replies.values()) resolve();
    this.#replies.clear();
  }

  #listen(listener: number, mask: string, isSync: boolean): void {
    const handler: EventHandler = (args, name) => {
      if (isSync) return this.#deliverAndWait(listener, name, args);
      this.#deliver(listener, name, args);
      return undefined;
    };
    const { dispatcher } = this.resources;
    dispatcher.registerEventHandler(mask, handler, { sync: isSync });
    this.#stops.set(listener, () => dispatcher.unregisterEventHandler(mask, handler));
  }

  #watch(listener: number): void {
    const stop = this.resources.configstore.onChange((change) =>
      this.#deliver(listener, change.operation, { ...change }),
    );
    this.#stops.set(listener, stop);
  }

  #stop(listener: number): void {
    this.#stops.get(listener)?.();
    this.#stops.delete(listener);
  }

  #deliverAndWait(listener: number, name: string, args: object): Promise<void> {
    this.#nextReply += 1;
    const reply = this.#nextReply;
    return new Promise((resolve, reject) => {
      this.#replies.set(reply, { resolve, reject });
      this.#deliver(listener, name, args, { reply });
    });
  }

  #deliver(
    listener: number,
    name: string,
    args: object,
    more: { readonly reply?: number } = {},
  ): void {
    const { process, epoch } = this.options;
    if (process.unsent > MAX_UNSENT) {
      process.end(`it did not take the events that it listens for: ${MAX_UNSENT} wait`);
      return;
    }
    process.send({
      kind: 'event',
      epoch,
      listener,
      name,
      args: encodeWithSecrets(args),
      ...more,
    });
  }

  #handled(reply: number, error: CrossingError | null): void {
    const waiting = this.#replies.get(reply);
    this.#replies.delete(reply);
    if (error === null) waiting?.resolve();
    else waiting?.reject(fromCrossing(error));
  }
}
