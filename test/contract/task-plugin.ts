import type { PlainClient, WireErrorArgs } from '../support/plain-client.js';

/**
 * A plugin whose tasks a test holds and lets go: a task stands before a gate until `gate.open` is
 * called with its name. Each says by an event that it has begun.
 */
export const GATE_PLUGIN = `
import { accepts, description, Dispatcher, Errno, h, Plugin, Provider, provider, returns, RetryableException, RpcException,
         private as hidden, requireRoles, Task, task, ValidationException, VerifyException } from 'dispatcher';

const gates = new Map();
function gate(name) {
  if (!gates.has(name)) {
    let open;
    const passed = new Promise((resolve) => { open = resolve; });
    gates.set(name, { passed, open });
  }
  return gates.get(name);
}

@provider('gate')
export class GateProvider extends Provider {
  @description('Waits until the gate is open') @accepts(String) @returns(null)
  async pass(name) { await gate(name).passed; return null; }
  @description('Opens a gate') @accepts(String) @returns(null)
  open(name) { gate(name).open(); return null; }
}

async function stand(task, name) {
  task.dispatcher.emitEvent('gate.reached', { name, task: task.id });
  await new Promise((resolve, reject) => {
    const stop = () => reject(new Error('stopped before ' + name));
    task.signal.addEventListener('abort', stop);
    if (task.signal.aborted) stop();
    task.dispatcher.callSync('gate.pass', name).then(resolve, reject);
  });
}

class Hold extends Task {
  describe(name) { return { message: 'Stands before ' + name, name }; }
  verify(name, claims) { return claims; }
  async run(name) { await stand(this, name); return name; }
}
@description('Stands before a gate') @task('gate.hold', { executor: 'inline' })
@accepts(String, h.optional(h.array(h.any()), { default: [] })) @returns(String)
export class InlineHold extends Hold { static earlyDescribe = 'Stands somewhere'; }

@description('Stands before a gate, in a process of its own') @task('gate.hold_apart')
@accepts(String, h.optional(h.array(h.any()), { default: [] })) @returns(String)
export class IsolatedHold extends Hold {}

@description('Stands before a gate while it verifies') @task('gate.slow_verify', { executor: 'inline' })
@accepts(String, h.array(h.any())) @returns(String)
export class SlowVerify extends Task {
  async verify(name, claims) { await stand(this, name); return claims; }
  run(name) { return name; }
}
@description('Stands, then leaves a mark of its rollback') @task('gate.undo', { executor: 'inline' })
@accepts(String, h.array(h.any()), h.optional(String))
export class Undo extends Task {
  verify(name, claims) { return claims; }
  async run(name, claims, failure) { this.ran = true; if (failure) throw new RpcException(Errno.ENOSPC, failure, { name }); await stand(this, name); }
  rollback(name) {
    this.dispatcher.emitEvent('gate.undone', { name, task: this.id, same: this.ran === true });
    if (name === 'bad-rollback') throw new Error('rollback broke');
  }
}
@description('Does what its only argument says') @task('gate.act', { executor: 'inline', timeoutMs: 60000 })
@accepts(String, h.any()) @returns(h.any())
export class Act extends Task {
  verify(how, what) {
    switch (how) {
      case 'verify-throws': throw new VerifyException(Errno.EEXIST, 'is there', { what });
      case 'verify-many': throw new ValidationException().add([1, 'a'], 'is bad').add([1, 'b'], 'is worse', Errno.EEXIST);
      case 'verify-error': throw new Error('verify broke');
      case 'verify-nonsense': return what;
      case 'verify-hangs': return new Promise(() => undefined);
      case 'claim': return [what];
    }
    return [];
  }
  run(how, what) {
    switch (how) {
      case 'claim': return null;
      case 'return': return what;
      case 'throw-undefined': throw undefined;
      case 'throw-string': throw 'a string';
      case 'throw-error': throw new TypeError('run broke');
      case 'throw-task': throw new RpcException(Errno.ENOSPC, 'is full', { what });
      case 'function': return () => 1;
      case 'circular': { const a = {}; a.a = a; return a; }
      case 'bigint': return 2n ** 62n;
      case 'too-big': return 2n ** 70n;
      case 'date': return new Date(0);
      case 'nan-progress': this.setProgress(NaN); return null;
      case 'progress': for (let i = 0; i <= 1000; i += 1) this.setProgress(i / 10, 'step ' + i, { i }); return null;
      case 'beyond': this.setProgress(1e9); this.setProgress(-5); return null;
      case 'warn': this.addWarning(Errno.EIO, 'a bad sector', { sector: 7 }); return null;
      case 'environment': return this.environment;
      case 'user': return this.user;
      case 'twice': return { then(resolve) { resolve(1); resolve(2); throw new Error('late'); } };
    }
    throw new Error('unknown way ' + how);
  }
}
@description('Fails until the third time') @task('gate.flaky', { executor: 'inline', retry: { attempts: 3, backoffMs: 1 } })
@accepts(h.integer()) @returns(h.integer())
export class Flaky extends Task {
  tries = 0;
  verify() { return []; }
  run(good) { this.tries += 1; if (this.tries < good) throw new RetryableException(Errno.EBUSY, 'not yet'); return this.tries; }
}
@description('Times out') @task('gate.late', { executor: 'inline', timeoutMs: 50 }) @accepts(String)
export class Late extends Task { verify() { return []; } async run(name) { await stand(this, name); } }

@description('Returns what its schema forbids') @task('gate.liar', { executor: 'inline' }) @accepts() @returns(String)
export class Liar extends Task { verify() { return []; } run() { return 5; } }

@description('Keeps a secret') @task('gate.secret', { executor: 'inline' })
@accepts(h.object({ user: String, password: h.password() }), h.optional(h.array(h.any()), { default: [] })) @returns(h.integer())
export class Secret extends Task { verify(login, claims) { return claims; } run(login) { return login.password.reveal().length; } }

@description('Only for plugins') @task('gate.hidden', { executor: 'inline' }) @accepts() @hidden()
export class Hidden extends Task { verify() { return []; } run() { return null; } }

@description('Only for the brave') @task('gate.brave', { executor: 'inline' }) @accepts() @requireRoles('admin')
export class Brave extends Task { verify() { return []; } run() { return null; } }

@description('Runs others') @task('gate.parent', { executor: 'inline' })
@accepts(h.array(h.any()), h.array(h.array(h.any())), h.optional(String, { default: 'join' })) @returns(h.any())
export class Parent extends Task {
  verify(claims) { return claims; }
  async run(claims, parts, how) {
    const share = 100 / parts.length;
    const handles = parts.map(([name, ...args], i) => this.runSubtask(name, ...args).withProgress(i * share, (i + 1) * share));
    if (how === 'abandon') { await Promise.all(handles.map((handle) => handle.id)); return 'gone'; }
    return this.joinSubtasks(...handles);
  }
}
@description('Claims what its part claims') @task('gate.composite', { executor: 'inline' }) @accepts(String, h.array(h.any())) @returns(h.any())
export class Composite extends Task {
  async verify(name, claims) { return this.verifySubtask('gate.hold', name, claims); }
  async run(name, claims) { return this.runSubtaskSync('gate.hold', name, claims); }
}
@description('Runs again after a restart') @task('gate.again', { executor: 'inline', onRestart: 'requeue' })
@accepts(String, h.array(h.any())) @returns(String)
export class Again extends Hold {}

@Plugin({ providers: [GateProvider, InlineHold, IsolatedHold, SlowVerify, Undo, Act, Flaky, Late, Liar, Secret, Hidden, Brave, Parent, Composite, Again] })
export default class GatePlugin {
  constructor(private readonly dispatcher: Dispatcher) {}
  async init() {
    const { dispatcher } = this;
    for (const disk of ['da0', 'da1', 'da2']) await dispatcher.registerResource('disk:' + disk);
    await dispatcher.registerResource('zpool:tank', { parents: ['disk:da1', 'disk:da2'] });
    await dispatcher.registerResource('dataset:tank', { parents: ['zpool:tank'] });
    await dispatcher.registerResource('dataset:tank/media', { parents: ['dataset:tank'] });
    await dispatcher.registerResource('dataset:tank/apps', { parents: ['dataset:tank'] });
  }
}
`;

/** A row of a task as a client sees it. */
export interface WireTask {
  readonly id: number;
  readonly name: string;
  readonly state: string;
  readonly args: readonly unknown[];
  readonly parent: number | null;
  readonly result: unknown;
  readonly error:
    (WireErrorArgs & { readonly type: string; readonly stacktrace: string | null }) | null;
  readonly warnings: readonly { readonly message: string; readonly code: number }[];
  readonly progress: { readonly percentage: number | null; readonly message: string | null };
  readonly [field: string]: unknown;
}

export interface WireEvent {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A client that works with tasks. */
export class TaskClient {
  constructor(readonly client: PlainClient) {}

  async subscribe(...masks: readonly string[]): Promise<this> {
    this.client.send('events', 'subscribe', null, masks);
    await this.client.result('management.ping');
    return this;
  }

  submit(name: string, ...args: unknown[]): Promise<number> {
    return this.client.result<number>('task.submit', name, args);
  }

  wait(id: number): Promise<WireTask> {
    return this.client.result<WireTask>('task.wait', id);
  }

  status(id: number): Promise<WireTask> {
    return this.client.result<WireTask>('task.status', id);
  }

  /** Submits a task and waits for its end. */
  async run(name: string, ...args: unknown[]): Promise<WireTask> {
    return this.wait(await this.submit(name, ...args));
  }

  open(gate: string): Promise<null> {
    return this.client.result<null>('gate.open', gate);
  }

  /** Resolves when a task stands before the gate. */
  async reached(gate: string): Promise<void> {
    await this.event('gate.reached', ({ name }) => name === gate);
  }

  async event(
    name: string,
    fits: (args: WireEvent['args']) => boolean = () => true,
  ): Promise<WireEvent['args']> {
    const frame = await this.client.find((candidate) => {
      const event = asEvent(candidate);
      return event?.name === name && fits(event.args);
    });
    return asEvent(frame)?.args ?? {};
  }

  /** The events of that name so far, in order. */
  events(name: string): WireEvent['args'][] {
    return this.client.received.flatMap((frame) => {
      const event = asEvent(frame);
      return event?.name === name ? [event.args] : [];
    });
  }

  /** The error of a call that fails. */
  async refused(method: string, ...args: unknown[]): Promise<WireErrorArgs> {
    const reply = await this.client.call(method, ...args);
    if (reply.name !== 'error') throw new Error(`Not refused: ${JSON.stringify(reply)}`);
    return reply.args as WireErrorArgs;
  }
}

function asEvent({
  namespace,
  name,
  args,
}: {
  namespace: string;
  name: string;
  args: unknown;
}): WireEvent | null {
  return namespace === 'events' && name === 'event' ? (args as WireEvent) : null;
}
