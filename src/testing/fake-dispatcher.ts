import { LocalEventFanout } from '../cluster/local/index.js';
import { coded, messageOf } from '../common/index.js';
import { EventRouter } from '../events/index.js';
import {
  type DebugHook,
  Dispatcher,
  type DispatcherEvent,
  type EventHandler,
  type HookFn,
} from '../sdk/index.js';
import { type RegisteredResource, ResourceGraph, type ResourcePlacement } from '../tasks/index.js';
import { RecordingLogger } from './recording-logger.js';

/** A task that was submitted through the dispatcher. */
export interface FakeTask {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

type Answer = (...args: never[]) => unknown;

const OWNER = 'test';
const JOURNAL = { events: 1, bytes: 10_000 };

/**
 * A dispatcher without a server. Events reach handlers as the server's router takes them there,
 * resources are kept in a real graph; calls and tasks are answered as the test says.
 *
 * @example
 * const dispatcher = new FakeDispatcher({ 'system.info': { hostname: 'nas' } });
 * dispatcher.answer('user.query', (filter) => [{ username: 'jdoe' }]);
 * const provider = Object.assign(new GreetProvider(), { dispatcher });
 * await provider.greet(); // 'jdoe@nas'
 * dispatcher.events;      // what it published
 */
export class FakeDispatcher extends Dispatcher {
  /** What was published, in order. */
  readonly events: DispatcherEvent[] = [];
  /** What was called, in order. */
  readonly calls: { readonly method: string; readonly args: readonly unknown[] }[] = [];
  readonly submitted: FakeTask[] = [];
  /** What was registered by the methods that do nothing else here: `provider user`. */
  readonly registrations = new Set<string>();
  /** What event handlers and functions on hooks threw. */
  readonly log = new RecordingLogger();
  readonly resourceGraph = new ResourceGraph();
  readonly #answers = new Map<string, Answer>();
  readonly #taskAnswers = new Map<string, Answer>();
  readonly #hooks = new Map<string, HookFn[]>();
  readonly #router = new EventRouter({
    logger: this.log,
    now: () => new Date(0),
    fanout: new LocalEventFanout('test', JOURNAL),
    typeOf: () => undefined,
  });

  /** @param answers values, or functions that make them, by the method that they answer */
  constructor(answers: Readonly<Record<string, unknown>> = {}) {
    super();
    for (const [method, answer] of Object.entries(answers)) this.answer(method, answer);
  }

  /** Answers calls of a method: with a value, or with what a function returns or throws. */
  answer(method: string, answer: unknown): this {
    this.#answers.set(method, toAnswer(answer));
    return this;
  }

  /** The same for the result of a task that is submitted. */
  answerTask(name: string, answer: unknown): this {
    this.#taskAnswers.set(name, toAnswer(answer));
    return this;
  }

  /** Publishes as the server or another plugin would: any name. */
  publish(name: string, args: Readonly<Record<string, unknown>>): void {
    this.#router.publish(name, { ...args });
  }

  /** The resources that were registered, `root` and `system` left out. */
  get resources(): readonly RegisteredResource[] {
    return this.resourceGraph.list().filter(({ owner }) => owner === OWNER);
  }

  /* eslint-disable @typescript-eslint/require-await -- a rejection, never a throw */
  async callSync<T = unknown>(method: string, ...args: unknown[]): Promise<T> {
    this.calls.push({ method, args });
    const answer = this.#answers.get(method);
    if (answer === undefined) throw unanswered(`call of ${method}`, `answer('${method}', ...)`);
    return answer(...(args as never[])) as T;
  }

  async submitTask(name: string, ...args: unknown[]): Promise<number> {
    const id = this.submitted.length + 1;
    this.submitted.push({ id, name, args });
    return id;
  }

  async callTaskSync<T = unknown>(name: string, ...args: unknown[]): Promise<T> {
    await this.submitTask(name, ...args);
    const answer = this.#taskAnswers.get(name);
    if (answer === undefined) throw unanswered(`task ${name}`, `answerTask('${name}', ...)`);
    return answer(...(args as never[])) as T;
  }

  async registerResource(name: string, placement: ResourcePlacement = {}): Promise<void> {
    this.resourceGraph.register(name, { ...placement, owner: OWNER });
  }

  async updateResource(name: string, placement: ResourcePlacement): Promise<void> {
    this.resourceGraph.update(name, placement);
  }

  async renameResource(from: string, to: string): Promise<void> {
    this.resourceGraph.rename(from, to);
  }

  async unregisterResource(name: string): Promise<void> {
    this.resourceGraph.remove(name);
  }

  async runHook(name: string, ...args: unknown[]): Promise<boolean> {
    for (const fn of [...this.#functionsOn(name)]) {
      try {
        if ((await fn(...args)) === false) return false;
      } catch (error) {
        this.log.error(`A function on hook ${name} failed: ${messageOf(error)}`, { error });
        return false;
      }
    }
    return true;
  }

  registerProvider = this.#asynchronous('provider');
  registerEventSource = this.#asynchronous('event source');
  registerTaskHandler = this.#asynchronous('task');
  /* eslint-enable @typescript-eslint/require-await */
  registerSchemaDefinition = this.#recorded('schema');
  registerEventType = this.#recorded('event type');
  unregisterProvider = this.#withdrawn('provider');
  unregisterTaskHandler = this.#withdrawn('task');
  unregisterSchemaDefinition = this.#withdrawn('schema');
  unregisterEventType = this.#withdrawn('event type');

  unregisterEventSource(name: string): Promise<void> {
    this.#withdrawn('event source')(name);
    return Promise.resolve();
  }

  registerTaskHook(hook: string, task: string): void {
    this.registrations.add(`task hook ${hook} ${task}`);
  }

  unregisterTaskHook(hook: string, task: string): void {
    this.#withdrawn('task hook')(`${hook} ${task}`);
  }

  registerEventHandler(mask: string, handler: EventHandler, options = {}): EventHandler {
    this.#router.addHandler(mask, handler, options);
    return handler;
  }

  unregisterEventHandler(mask: string, handler: EventHandler): void {
    this.#router.removeHandler(mask, handler);
  }

  emitEvent(name: string, args: Record<string, unknown>): void {
    this.#router.publishForeign(name, args);
    this.events.push({ name, args });
  }

  /** What plugins have to say is read from {@link debugHooks}. */
  readonly debugHooks: DebugHook[] = [];

  registerDebugHook(fn: DebugHook): void {
    this.debugHooks.push(fn);
  }

  registerHook(name: string): void {
    this.#hooks.set(name, []);
  }

  attachHook(name: string, fn: HookFn): void {
    this.#functionsOn(name).push(fn);
  }

  detachHook(name: string, fn: HookFn): void {
    const functions = this.#functionsOn(name);
    if (functions.includes(fn)) functions.splice(functions.indexOf(fn), 1);
  }

  #functionsOn(name: string): HookFn[] {
    const functions = this.#hooks.get(name);
    if (functions === undefined) throw coded('NOT_REGISTERED', { what: 'Hook', name });
    return functions;
  }

  #recorded(kind: string) {
    return (name: string): void => {
      this.registrations.add(`${kind} ${name}`);
    };
  }

  #asynchronous(kind: string) {
    return (name: string): Promise<void> => {
      this.#recorded(kind)(name);
      return Promise.resolve();
    };
  }

  #withdrawn(kind: string) {
    return (name: string): void => {
      if (this.registrations.delete(`${kind} ${name}`)) return;
      throw coded('NOT_REGISTERED', { what: kind, name });
    };
  }
}

function toAnswer(answer: unknown): Answer {
  return typeof answer === 'function' ? (answer as Answer) : () => answer;
}

function unanswered(what: string, remedy: string): Error {
  return new Error(`The test gave no answer for a ${what}: FakeDispatcher.${remedy}`);
}
