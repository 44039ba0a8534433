import { Inject, Injectable } from '@nestjs/common';
import { coded } from '../../common/index.js';
import { Call, CallPipeline, FailureReporter, NodeRouter, ResultStream } from '../../rpc/index.js';
import type { ActiveCall } from './active-calls.js';
import { decodeMembers } from './call-arguments.js';
import { CallStream } from './call-stream.js';
import type { Connection } from './connection.js';
import { closeFrame, endFrame, fragmentFrame } from './frame.codec.js';
import type { Frame } from './frame.js';
import { PROTOCOL_LIMITS, type ProtocolLimits } from './protocol-limits.js';

interface CallRequest {
  readonly method: string;
  readonly args: object | null;
  readonly isView: boolean;
  /** Which node is to make it, where the caller says. */
  readonly node: string | undefined;
}

/** A call that was started, with what its outcome is still to be made of. */
interface Started<T> {
  readonly call: Call;
  readonly request: CallRequest;
  readonly result: T;
}

/** `rpc/call`, `rpc/continue` and `rpc/abort`: from the frame into the pipeline and back. */
@Injectable()
export class RpcFrames {
  constructor(
    private readonly pipeline: CallPipeline,
    private readonly nodes: NodeRouter,
    private readonly failures: FailureReporter,
    @Inject(PROTOCOL_LIMITS) private readonly options: ProtocolLimits,
  ) {}

  call(connection: Connection, frame: Frame): void {
    const request = readCall(frame);
    if (request === null) throw coded('MALFORMED_REQUEST');
    const { calls } = connection;
    if (calls.has(frame.id)) throw coded('REQUEST_ID_IN_USE');
    if (calls.isFull(this.options.callsInFlight)) throw coded('TOO_MANY_REQUESTS');
    const args = frame.hasExtended ? decodeMembers(request.args) : request.args;
    const call = new Call(request.method, args, connection.sender, connection.callOptions);
    const { node } = request;
    const result =
      node === undefined ? this.pipeline.execute(call) : this.nodes.execute(call, node);
    if (result instanceof Promise) {
      this.#follow(connection, frame, { call, request, result });
    } else {
      this.#answer(connection, frame, { call, request, result });
    }
  }

  continue(connection: Connection, { id, args }: Frame): void {
    const active = connection.calls.get(id);
    if (active?.stream == null) throw coded('INVALID_CALL');
    if (!Number.isInteger(args)) throw coded('MALFORMED_REQUEST');
    if (active.stream.isOverloaded) throw coded('TOO_MANY_REQUESTS');
    void this.#sendChunk(connection, id, { active, stream: active.stream, seqno: args as number });
  }

  abort(connection: Connection, { id }: Frame): void {
    const active = connection.calls.get(id);
    if (active === undefined) throw coded('INVALID_CALL');
    connection.calls.remove(id);
    active.call.abort(coded('CALL_CANCELED'));
    void active.stream?.dispose();
    connection.send(closeFrame(id));
  }

  /** Waits for an asynchronous method. An aborted one counts until it has really ended. */
  #follow(connection: Connection, frame: Frame, started: Started<Promise<unknown>>): void {
    const { call, request } = started;
    const active: ActiveCall = { call, stream: null };
    const { calls } = connection;
    calls.methodBegan(frame.id, active);
    started.result.then(
      (result) => {
        if (calls.methodEnded(frame.id, active))
          this.#answer(connection, frame, { call, request, result });
        else if (result instanceof ResultStream) void this.#newStream(result, request).dispose();
      },
      (error: unknown) => {
        if (calls.methodEnded(frame.id, active)) this.#fail(connection, frame, { call, error });
      },
    );
  }

  #answer(
    connection: Connection,
    { id }: Frame,
    { call, request, result }: Started<unknown>,
  ): void {
    if (result instanceof ResultStream) {
      const stream = this.#newStream(result, request);
      if (call.isAborted) {
        this.#refuseStream(connection, id, { call, stream });
        return;
      }
      const active = { call, stream };
      connection.calls.add(id, active);
      void this.#sendChunk(connection, id, { active, stream, seqno: 1 });
      return;
    }
    try {
      connection.respond(id, result, this.options.answerBytes);
    } catch (error) {
      this.#fail(connection, { id }, { call, error });
    }
  }

  /** The caller's rights went while the method was making it. */
  #refuseStream(
    connection: Connection,
    id: Frame['id'],
    { call, stream }: { call: Call; stream: CallStream },
  ): void {
    void stream.dispose();
    this.#fail(connection, { id }, { call, error: call.signal.reason });
  }

  async #sendChunk(
    connection: Connection,
    id: Frame['id'],
    { active, stream, seqno }: { active: ActiveCall; stream: CallStream; seqno: number },
  ): Promise<void> {
    try {
      const chunk = await stream.take(seqno);
      if (!connection.calls.isCurrent(id, active)) return;
      if (chunk.kind === 'fragment') {
        connection.send(fragmentFrame(id, chunk.seqno, chunk.items));
        return;
      }
      connection.send(endFrame(id, chunk.seqno));
      if (stream.isView) return;
      connection.calls.remove(id);
      connection.send(closeFrame(id));
    } catch (error) {
      if (!connection.calls.isCurrent(id, active)) return;
      connection.calls.remove(id);
      void stream.dispose();
      this.#fail(connection, { id }, { call: active.call, error });
    }
  }

  #newStream(result: ResultStream, { isView }: CallRequest): CallStream {
    const { streamingBurst: burst, fragmentBytes } = this.options;
    return new CallStream(result, { burst, fragmentBytes, isView });
  }

  #fail(
    connection: Connection,
    { id }: Pick<Frame, 'id'>,
    { call, error }: { call: Call; error: unknown },
  ): void {
    connection.fail(id, this.failures.toClient(error, call.method));
  }
}

function readCall({ id, args }: Frame): CallRequest | null {
  if (id === null || typeof args !== 'object' || args === null) return null;
  const { method, args: passed, view, node } = args as Record<string, unknown>;
  if (typeof method !== 'string' || passed === undefined || typeof passed !== 'object') return null;
  if (node !== undefined && typeof node !== 'string') return null;
  return { method, args: passed, isView: view === true, node };
}
