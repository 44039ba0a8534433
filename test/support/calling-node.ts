import { type Principal, Principals, RoleIndex } from '../../src/auth/index.js';
import type { UserAccount } from '../../src/auth/account.js';
import { LocalNodeCalls, LocalNodeDirectory } from '../../src/cluster/local/index.js';
import { Errno, RpcException } from '../../src/common/index.js';
import {
  Call,
  CallPipeline,
  exploreService,
  FailureReporter,
  ForwardedCalls,
  hashOfService,
  isEndingSender,
  LeaderSeat,
  NodeRouter,
  type PipelineCallOptions,
  ServiceOwner,
  ServiceRegistry,
  ServicesElsewhere,
} from '../../src/rpc/index.js';
import { Forwarder } from '../../src/rpc/cluster/forwarder.js';
import { Holders } from '../../src/rpc/cluster/holders.js';
import { SchemaRegistry } from '../../src/schema/index.js';
import {
  accepts,
  generator,
  h,
  private as internal,
  requireRoles,
  returns,
  type Sender,
  sender,
  signal,
} from '../../src/sdk/index.js';
import { RecordingLogger } from '../../src/testing/index.js';
import type { NetworkNode } from './node-network.js';

export type Accounts = Map<string, { roles: string[]; isLocked?: boolean }>;

/** What a service knows of the node that it is on, and of who calls. */
export class Sample {
  readonly held: Sender[] = [];
  readonly gone: string[] = [];
  aborted: unknown = null;
  begun = 0;

  constructor(private readonly node: string) {}

  @accepts()
  @returns(Object)
  where(@sender() caller: Sender): object {
    const { kind, user, roles, address, sessionId } = caller;
    return { node: this.node, kind, user, roles: [...roles], address, sessionId };
  }

  @accepts(h.any())
  @returns(h.any())
  echo(value: unknown): unknown {
    return value;
  }

  @accepts()
  @returns(String)
  @requireRoles('admin')
  forAdmin(): string {
    return this.node;
  }

  @accepts()
  @returns(String)
  @internal()
  forPlugins(): string {
    return this.node;
  }

  @accepts()
  @returns(h.integer())
  fails(): number {
    if (this.node === 'n2') throw new RpcException(Errno.ENOSPC, 'Full');
    return 1;
  }

  @accepts(h.integer())
  @returns(h.array(String))
  @generator()
  *count(to: number): Generator<string> {
    for (let i = 1; i <= to; i += 1) yield `${this.node} ${i}`;
  }

  @accepts()
  @returns(null)
  async forever(@signal() stop: AbortSignal): Promise<null> {
    this.begun += 1;
    await new Promise((resolve) => stop.addEventListener('abort', resolve));
    this.aborted = stop.reason;
    return null;
  }

  @accepts()
  @returns(null)
  hold(@sender() caller: Sender): null {
    if (!isEndingSender(caller)) throw new Error('It cannot hold anything');
    this.held.push(caller);
    caller.onEnded(() => this.gone.push(caller.address));
    return null;
  }
}

export class CallingNode {
  readonly registry = new ServiceRegistry();
  readonly pipeline: CallPipeline;
  readonly router: NodeRouter;
  readonly elsewhere: ServicesElsewhere;
  readonly seat: LeaderSeat;
  readonly sample: Sample;
  readonly schemas = new SchemaRegistry();
  readonly owner = new ServiceOwner('server');
  readonly #onAccounts = new Set<() => void>();
  readonly #principals: Principals;

  constructor(
    readonly node: NetworkNode | LocalNode,
    readonly accounts: Accounts,
  ) {
    const { directory, calls } = node;
    const find = (username: string): UserAccount | null => {
      const account = accounts.get(username);
      if (account === undefined) return null;
      return { username, isLocked: false, ...account } as unknown as UserAccount;
    };
    this.#principals = new Principals({ find }, new RoleIndex());
    const failures = new FailureReporter(new RecordingLogger(), { exposesStacks: false });
    this.pipeline = new CallPipeline(this.registry, failures, {
      resultValidation: 'enforce',
      serviceWaitMs: 100,
      maxCollectedItems: 1_000,
    });
    const holders = new Holders(calls, directory);
    const forwarder = new Forwarder(calls, directory, holders);
    this.router = new NodeRouter(directory, forwarder, this.registry, this.pipeline, failures);
    this.elsewhere = new ServicesElsewhere(directory, calls, this.registry, forwarder);
    this.seat = new LeaderSeat(
      'leadership' in node ? node.leadership : (null as never),
      directory,
      forwarder,
    );
    const forwarded = new ForwardedCalls(
      calls,
      this.pipeline,
      holders,
      this.#principals,
      { get: () => undefined, onEnd: () => () => undefined } as never,
      { onChange: (listener: () => void) => this.#onAccounts.add(listener) } as never,
    );
    forwarded.serve();
    this.sample = new Sample(node.name);
  }

  offer(name = 'sample', instance: object = this.sample): this {
    const { owner } = this;
    this.registry.register(exploreService({ service: name, instance, owner }, this.schemas));
    return this;
  }

  hashes(): Record<string, string> {
    return Object.fromEntries(this.registry.list().map((each) => [each.name, hashOfService(each)]));
  }

  accountsChanged(): void {
    for (const listener of this.#onAccounts) listener();
  }

  user(name: string): Caller {
    const principal = this.#principals.present(name);
    if (principal === null) throw new Error(`${name} cannot log in`);
    return new Caller(principal);
  }

  /** What a call of this caller comes to. */
  ask(
    method: string,
    { node, caller = this.user('anna'), args = [], ...options }: Asking = {},
  ): Promise<unknown> {
    const call = new Call(method, args, caller, options);
    return Promise.resolve().then(() =>
      node === undefined ? this.pipeline.execute(call) : this.router.execute(call, node),
    );
  }
}

export interface Asking extends PipelineCallOptions {
  readonly node?: string;
  readonly caller?: Sender;
  readonly args?: unknown;
}

interface LocalNode {
  readonly name: string;
  readonly directory: LocalNodeDirectory;
  readonly calls: LocalNodeCalls;
}

export class Caller implements Sender {
  readonly sessionId = 7;
  readonly address = '192.0.2.7,1234';
  readonly holder = this;
  readonly #listeners = new Set<() => void>();

  constructor(readonly principal: Principal) {}

  get kind() {
    return this.principal.kind;
  }
  get user() {
    return this.principal.name;
  }
  get roles() {
    return this.principal.roles;
  }
  get rights() {
    return this.principal.rights;
  }

  onEnded(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  end(): void {
    for (const listener of this.#listeners) listener();
  }
}
