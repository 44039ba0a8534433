import { Injectable } from '@nestjs/common';
import { NodeDirectory, type NodeRecord } from '../../cluster/index.js';
import { coded, isObject, onAbort, type RpcException } from '../../common/index.js';
import { authorise } from '../authorise.js';
import { Call } from '../call.js';
import { CallPipeline } from '../call-pipeline.js';
import { FailureReporter } from '../failure-reporter.js';
import { type Items, ResultStream } from '../result-stream.js';
import { serviceName, ServiceRegistry } from '../service.registry.js';
import { Forwarder } from './forwarder.js';

/** The name for all nodes that have the service. */
const ALL_NODES = '*';

/** One node after the other, and no further than the first that fails. */
const ROLLING: ReadonlySet<string> = new Set(['management.reload_plugins']);

/** What one node answered, of all that were asked. */
export type NodeAnswer =
  { readonly result: unknown } | { readonly error: ReturnType<RpcException['toWire']> };

/** Calls whose caller says which node is to make them. */
@Injectable()
export class NodeRouter {
  constructor(
    private readonly directory: NodeDirectory,
    private readonly forwarder: Forwarder,
    private readonly registry: ServiceRegistry,
    private readonly pipeline: CallPipeline,
    private readonly failures: FailureReporter,
  ) {}

  /**
   * As {@link CallPipeline.execute}, at that node; with `*` at each that has the service, and the answer
   * is an object of what each of them said, `{n1: {result}, n2: {error}}`; a reload of plugins goes from
   * node to node, and those behind one that fails are not in the answer.
   *
   * @throws RpcException (or rejects with) what the caller is to be told; ENOENT for an unknown node
   */
  execute(call: Call, node: string): unknown {
    if (node === this.directory.self.name) return this.pipeline.execute(call);
    return this.#elsewhere(call, node);
  }

  async #elsewhere(call: Call, node: string): Promise<unknown> {
    try {
      this.#authorise(call);
      if (node === ALL_NODES) return await this.#all(call);
      if (this.directory.get(node) === undefined) throw coded('NODE_UNKNOWN', { node });
      return streamed(await this.forwarder.forward(node, call));
    } catch (error) {
      throw this.failures.toClient(error, call.method);
    }
  }

  /** Before login nobody learns which nodes and methods there are. */
  #authorise(call: Call): void {
    if (call.sender.kind === 'anonymous') throw coded('NOT_LOGGED_IN');
    const handler = this.registry.find(call.method);
    if (handler === undefined) return; // the node that has it judges
    authorise(handler.access, call.sender);
    call.access = handler.access;
  }

  async #all(outer: Call): Promise<Record<string, NodeAnswer>> {
    const { method } = outer;
    const { self } = this.directory;
    const nodes = this.directory.list().filter((node) => this.#isAsked(node, method));
    if (nodes.length === 0) throw this.registry.notFound(method);
    // this node comes last: its method may change the arguments that the others are sent
    const names = nodes.map(({ name }) => name).filter((name) => name !== self.name);
    if (names.length < nodes.length) names.push(self.name);
    const answers = ROLLING.has(method)
      ? await this.#inTurn(outer, names)
      : await Promise.all(names.map((name) => this.#answerOf(outer, name)));
    return Object.fromEntries(answers.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Until one fails: what the others have is as it was. */
  async #inTurn(outer: Call, names: readonly string[]): Promise<(readonly [string, NodeAnswer])[]> {
    const answers: (readonly [string, NodeAnswer])[] = [];
    for (const name of names) {
      outer.throwIfAborted();
      const answer = await this.#answerOf(outer, name);
      answers.push(answer);
      if ('error' in answer[1]) break;
    }
    return answers;
  }

  async #answerOf(outer: Call, name: string): Promise<readonly [string, NodeAnswer]> {
    const { method, args, sender, options, signal } = outer;
    const each = { ...options, wantsStream: false, cause: outer.cause };
    const call = new Call(method, args, sender, each);
    const forget = onAbort(signal, () => call.abort(signal.reason as Error));
    try {
      const isHere = name === this.directory.self.name;
      const answer = isHere ? this.pipeline.execute(call) : this.forwarder.forward(name, call);
      return [name, { result: (await answer) ?? null }];
    } catch (error) {
      return [name, { error: this.failures.toClient(error, method).toWire() }];
    } finally {
      forget();
    }
  }

  /** A lost node is asked, too: that it did not answer is to be told. Not where that would stop the others. */
  #isAsked({ name, state, services }: NodeRecord, method: string): boolean {
    const service = serviceName(method);
    if (name === this.directory.self.name) return this.registry.hasOwn(service);
    const isThere = state === 'live' || (state === 'lost' && !ROLLING.has(method));
    return isThere && Object.hasOwn(services, service);
  }
}

function streamed(result: unknown): unknown {
  const isStream = isObject(result) && Symbol.asyncIterator in result;
  return isStream ? new ResultStream(result as unknown as Items, () => undefined) : result;
}
