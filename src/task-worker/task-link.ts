import {
  type Cause,
  coded,
  decodeExtended,
  encodeWithSecrets,
  MAX_MASK_LENGTH,
} from '../common/index.js';
import {
  type AnswerMessage,
  type CrossingError,
  type AskTarget,
  type EventMessage,
  type FromExecutor,
  fromCrossing,
  type TaskIdentity,
  type TellMessage,
  toCrossing,
} from '../tasks/executor-protocol.js';
import type { EventHandler } from '../sdk/index.js';
import { RemoteStream } from './remote-stream.js';

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Sends one message to the server. @throws TypeError when it has no JSON form */
export type Send = (message: FromExecutor) => void;

/**
 * What one task has of the server, from this process's side: questions and their answers, things
 * told, things listened for. When the task is over it can do nothing more here.
 */
export class TaskLink implements Cause {
  readonly #controller = new AbortController();
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<number, EventHandler>();
  #nextId = 0;
  #isOver = false;

  constructor(
    readonly epoch: number,
    readonly task: TaskIdentity,
    private readonly send: Send,
  ) {
    if (task.isAborted === true) this.abort();
  }

  get cause(): string {
    return this.task.cause;
  }

  /** Fires when the task is asked to stop. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  abort(): void {
    this.#controller.abort(new Error(`Task ${this.task.id} is asked to stop`));
  }

  /** Answers that are under way are for nobody any more. */
  end(): void {
    this.#isOver = true;
    this.#pending.clear();
    this.#listeners.clear();
  }

  /** @throws (rejects with) what the server's side throws; Error when the task is over */
  async ask<T>(target: AskTarget, method: string, args: readonly unknown[]): Promise<T> {
    this.#assertOpen();
    this.#nextId += 1;
    const id = this.#nextId;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
    });
    try {
      this.send({ kind: 'ask', epoch: this.epoch, id, target, method, args: encoded(args) });
    } catch (error) {
      this.#pending.delete(id);
      throw error;
    }
    return (await answer) as T;
  }

  /** @throws Error when the task is over */
  tell(target: TellMessage['target'], method: string, args: readonly unknown[]): void {
    this.#assertOpen();
    this.send({ kind: 'tell', epoch: this.epoch, target, method, args: encoded(args) });
  }

  /** Returns the listener's number. @throws RpcException EINVAL for a mask that is too long */
  listen(mask: string, handler: EventHandler, { isSync }: { readonly isSync: boolean }): number {
    if (mask.length > MAX_MASK_LENGTH) throw coded('MASK_TOO_LONG', { limit: MAX_MASK_LENGTH });
    const number = this.#addListener(handler);
    this.tell('listener', 'listen', [number, mask, isSync]);
    return number;
  }

  watchConfiguration(handler: EventHandler): number {
    const number = this.#addListener(handler);
    this.tell('listener', 'watch', [number]);
    return number;
  }

  unlisten(number: number): void {
    this.#listeners.delete(number);
    if (!this.#isOver) this.tell('listener', 'stop', [number]);
  }

  receiveAnswer(message: AnswerMessage): void {
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (pending === undefined) return;
    if ('error' in message) pending.reject(fromCrossing(message.error));
    else if ('stream' in message) pending.resolve(new RemoteStream(this, message.stream));
    else pending.resolve(decodeExtended(message.value));
  }

  async receiveEvent({ listener, name, args, reply }: EventMessage): Promise<void> {
    const handler = this.#listeners.get(listener);
    const decoded = decodeExtended(args) as Record<string, unknown>;
    let failure: CrossingError | null = null;
    try {
      await handler?.(decoded, name);
    } catch (error) {
      failure = toCrossing(error);
    }
    if (this.#isOver) return;
    if (reply !== undefined) this.tell('listener', 'handled', [reply, failure]);
    else if (failure !== null) {
      this.tell('logger', 'error', ['Event handler of a task failed', { event: name }, failure]);
    }
  }

  #addListener(handler: EventHandler): number {
    this.#assertOpen();
    this.#nextId += 1;
    this.#listeners.set(this.#nextId, handler);
    return this.#nextId;
  }

  #assertOpen(): void {
    if (!this.#isOver) return;
    throw new Error(
      `Task ${this.task.id} has ended: what it left running may not use the dispatcher`,
    );
  }
}

/** JSON would make null of an argument that is not given: at the end it is left out. */
function encoded(args: readonly unknown[]): unknown {
  let { length } = args;
  while (length > 0 && args[length - 1] === undefined) length -= 1;
  return encodeWithSecrets(args.slice(0, length));
}
