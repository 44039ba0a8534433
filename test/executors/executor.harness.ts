import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Errno, RpcException } from '../../src/common/index.js';
import { systemClock } from '../../src/events/index.js';
import type {
  Claims,
  Logger,
  ProgressReport,
  SubtaskRequest,
  TaskContext,
  TaskWarning,
} from '../../src/sdk/index.js';
import {
  ExecutorPool,
  type ExecutorPoolOptions,
  type RunOutcome,
  type TaskAssignment,
  type TaskExecutor,
  type TaskHandler,
  type TaskSession,
} from '../../src/tasks/index.js';
import { type HarnessOptions, HostHarness } from '../plugin-host/host.harness.js';

const ENTRY = fileURLToPath(new URL('../../src/task-worker/main.ts', import.meta.url));

/** What a task was given and said, in place of the engine. */
export class FakeContext implements TaskContext {
  readonly user = 'jdoe';
  readonly cause = 'c'.repeat(32);
  readonly environment: Readonly<Record<string, unknown>>;
  readonly controller = new AbortController();
  readonly progress: ProgressReport[] = [];
  readonly warnings: TaskWarning[] = [];
  readonly started: SubtaskRequest[] = [];
  /** What subtasks come to, by name. */
  readonly subtasks = new Map<string, (...args: readonly unknown[]) => unknown>();

  constructor(
    readonly id = 1,
    environment: Readonly<Record<string, unknown>> = {},
  ) {
    this.environment = { ID: id, ...environment };
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  report(progress: ProgressReport): void {
    this.progress.push(progress);
  }

  warn(warning: TaskWarning): void {
    this.warnings.push(warning);
  }

  async startSubtask(request: SubtaskRequest): Promise<number> {
    await Promise.resolve();
    if (!this.subtasks.has(request.name)) {
      throw new RpcException(Errno.EINVAL, `Unknown task type ${request.name}`);
    }
    return 100 + this.started.push(request);
  }

  async joinSubtask(id: number): Promise<unknown> {
    const { name, args } = this.started[id - 101]!;
    return await this.subtasks.get(name)?.(...args);
  }

  abortSubtask(id: number): Promise<boolean> {
    return Promise.resolve(id > 100);
  }

  verifySubtask(name: string, args: readonly unknown[]): Promise<Claims> {
    return Promise.resolve([`${name}:${String(args[0])}`]);
  }
}

export interface OpenScript {
  readonly session: TaskSession;
  readonly context: FakeContext;
}

/** Plugins on disk, and an executor for their tasks. */
export class ExecutorHarness extends HostHarness {
  readonly lines: string[] = [];
  readonly logger: Logger = collector(this.lines);
  readonly #pools: ExecutorPool[] = [];

  constructor(options: HarnessOptions = {}) {
    super(options);
  }

  pool(options: Partial<ExecutorPoolOptions> = {}): ExecutorPool {
    return this.lazyPool({ min: 1, ...options });
  }

  /** One that is told of no number of processes, unless the options do. */
  lazyPool(options: Partial<ExecutorPoolOptions> = {}): ExecutorPool {
    const { logger } = this;
    const pool = new ExecutorPool({ entry: ENTRY, clock: systemClock, logger, ...options });
    this.#pools.push(pool);
    return pool;
  }

  /** A plugin of one file whose task classes are the given ones. */
  async plugin(name: string, body: string, classes: string): Promise<void> {
    this.write(
      `${name}/index.ts`,
      `import { Plugin, Task, task, Password, RetryableException, RpcException, TaskException, Errno } from 'dispatcher';
       import { Injectable } from '@nestjs/common';
       ${body}
       @Plugin({ providers: [${classes}] }) export default class {}`,
    );
    await this.host.start();
  }

  /** A plugin with one task, `x`, that does what the text says. */
  task(run: string, more = ''): Promise<void> {
    return this.plugin(
      'one',
      `@task('x') export class X extends Task {
         verify() { return []; }
         async run(...args: any[]): Promise<unknown> { ${run} }
         ${more}
       }`,
      'X',
    );
  }

  /** A plugin with one task, `script`, that runs the text it is given; the rest is its `args`. */
  async scripts(): Promise<void> {
    this.write(
      'scripts/index.ts',
      `import * as sdk from 'dispatcher';
       const AsyncFunction = (async () => 0).constructor as any;
       @sdk.task('script') export class Script extends sdk.Task {
         onAbort?: () => unknown;
         verify() { return []; }
         run(text: string, ...args: unknown[]) { return this.script(text, args); }
         rollback(text: string, ...args: unknown[]) { return this.script('this.isBack = true;' + text, args); }
         abort(): any { return this.onAbort?.(); }
         private script(text: string, args: unknown[]) {
           return new AsyncFunction('args', 'sdk', 'load', text).call(this, args, sdk, process.getBuiltinModule);
         }
       }
       @sdk.Plugin({ providers: [Script] }) export default class {}`,
    );
    await this.host.start();
  }

  /** Opens, runs the text as a task, closes. */
  script(
    executor: TaskExecutor,
    text: string,
    { args = [], ...more }: Partial<TaskAssignment> = {},
  ): Promise<RunOutcome> {
    return this.run(executor, { ...more, name: 'script', args: [text, ...args] });
  }

  /** A task of that text which can be looked at while it runs. */
  async openScript(executor: TaskExecutor, text: string): Promise<OpenScript> {
    const context = new FakeContext();
    const assignment = this.assignment({ name: 'script', args: [text], context });
    return { context, session: await executor.open(assignment, { signal: never() }) };
  }

  handler(name = 'x'): TaskHandler {
    const handler = this.tasks.get(name);
    if (handler === undefined) throw new Error(`No task ${name}: ${this.states().join('; ')}`);
    return handler;
  }

  assignment(more: Partial<TaskAssignment> & { readonly name?: string } = {}): TaskAssignment {
    const { name = 'x', ...others } = more;
    const handler = this.handler(name);
    return {
      handler,
      args: [],
      context: new FakeContext(),
      isSubtask: false,
      onOutput: () => undefined,
      ...others,
    };
  }

  /** Opens, runs, closes. */
  async run(
    executor: TaskExecutor,
    more: Partial<TaskAssignment> & { readonly name?: string } = {},
  ): Promise<RunOutcome> {
    const { signal } = new AbortController();
    const session = await executor.open(this.assignment(more), { signal });
    try {
      return await session.run();
    } finally {
      await session.close();
    }
  }

  override async dispose(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.close()));
    await super.dispose();
  }
}

function collector(lines: string[]): Logger {
  const add = (message: string): void => void lines.push(message);
  return { trace: add, debug: add, info: add, warn: add, error: add };
}

export const never = (): AbortSignal => new AbortController().signal;

/** Waits until it holds, without guessing how long that takes. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 50_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`It did not come true: ${holds.toString()}`);
    await setTimeout(5);
  }
}

export { isGone } from '../support/is-gone.js';
