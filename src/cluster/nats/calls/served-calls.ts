import { coded, Errno, isDispatcherError, messageOf } from '../../../common/index.js';
import type { Logger } from '../../../sdk/index.js';
import type { NodeHandler } from '../../node-calls.js';
import { type CallMessage, receivedError, sentError } from './call-message.js';
import type { NodePost } from './node-post.js';
import { RecentAnswers } from './recent-answers.js';
import { ServedCall, type ServedHost } from './served-call.js';

type Request = Extract<CallMessage, { k: 'call' }>;

const MS_PER_SECOND = 1_000;

/** What this node does for others, as long as they wait for it. */
export class ServedCalls implements ServedHost {
  readonly #calls = new Map<string, ServedCall>();
  readonly #answers = new Map<string, RecentAnswers>();
  readonly #handlers = new Map<string, NodeHandler>();

  constructor(
    private readonly self: { readonly node: string; readonly boot: string },
    private readonly post: NodePost,
    private readonly logger: Logger,
  ) {}

  serve(channel: string, handler: NodeHandler): () => void {
    this.#handlers.set(channel, handler);
    return () => {
      if (this.#handlers.get(channel) === handler) this.#handlers.delete(channel);
    };
  }

  begin(from: string, request: Request, body: () => unknown): void {
    const { id, channel, left = null, cause = null } = request;
    const handler = this.#handlers.get(channel);
    const { node } = this.self;
    try {
      if (request.boot !== this.self.boot) throw coded('NODE_GONE', { node });
      if (handler === undefined) throw coded('NODE_CHANNEL_UNKNOWN', { node, channel });
      const call = new ServedCall(
        { id, node: from, channel, body: body(), leftMs: left, cause },
        this,
      );
      this.#calls.set(keyOf(from, id), call);
      const seconds = (left ?? 0) / MS_PER_SECOND;
      void call.run(handler, () => coded('NODE_TIMEOUT', { node, seconds }));
    } catch (error) {
      this.post.send(from, { k: 'error', id, error: sentError(error) });
    }
  }

  grant(from: string, id: string, items: number): void {
    this.#calls.get(keyOf(from, id))?.grant(items);
  }

  abort(from: string, { id, error }: Extract<CallMessage, { k: 'abort' }>): void {
    this.#calls.get(keyOf(from, id))?.abort(receivedError(error));
  }

  /** The caller says which of its calls it waits for, and is told what became of them. */
  answerFor(from: string, waitedFor: readonly (readonly [id: string, granted: number])[]): void {
    const known = new Map(waitedFor);
    for (const call of this.#of(from)) {
      const { id } = call.request;
      const granted = known.get(id);
      if (granted === undefined) call.abort(coded('NODE_GONE', { node: from }));
      else if (call.position !== null) this.post.send(from, { k: 'at', id, n: call.position });
      if (granted !== undefined) call.grant(granted);
    }
    for (const id of known.keys()) {
      if (this.#calls.has(keyOf(from, id))) continue;
      const answer = this.#answers.get(from)?.get(id);
      if (answer === undefined) this.post.send(from, { k: 'lost', id });
      else this.post.sendText(from, answer);
    }
  }

  /** The node is gone, or has begun anew as `boot`. */
  forget(node: string, boot: string | null): void {
    if (boot === null) this.#answers.delete(node);
    for (const call of this.#of(node))
      if (boot === null || !call.request.id.startsWith(`${boot}-`))
        call.abort(coded('NODE_GONE', { node }));
  }

  close(): void {
    const { node } = this.self;
    for (const call of [...this.#calls.values()]) {
      const error = coded('NODE_GONE', { node });
      this.send(call, { k: 'error', id: call.request.id, error: sentError(error) });
      call.abort(error);
    }
    this.#handlers.clear();
  }

  send({ request }: ServedCall, message: CallMessage, body?: unknown): void {
    const { node, id } = request;
    const text = this.post.send(node, message, body);
    if (message.k !== 'answer' && message.k !== 'error') return;
    const answers = this.#answers.get(node) ?? new RecentAnswers();
    this.#answers.set(node, answers);
    answers.add(id, text);
  }

  faulty({ request }: ServedCall, error: unknown): void {
    if (isDispatcherError(error) && error.code !== Errno.EFAULT) return;
    const { channel, node } = request;
    this.logger.error('A request of another node failed', {
      channel,
      node,
      reason: messageOf(error),
      ...(error instanceof Error ? { error } : {}),
    });
  }

  ended({ request }: ServedCall): void {
    this.#calls.delete(keyOf(request.node, request.id));
  }

  #of(node: string): ServedCall[] {
    return [...this.#calls.values()].filter(({ request }) => request.node === node);
  }
}

/** A node that says so cannot end what it does not wait for. */
const keyOf = (node: string, id: string): string => `${node} ${id}`;
