import { coded, decodeExtended } from '../common/index.js';
import { Call, type CallPipeline, type FailureReporter, ResultStream } from '../rpc/index.js';
import { CallStream } from './call-stream.js';
import type { ActiveCall, Connection } from './connection.js';
import { closeFrame, endFrame, fragmentFrame, type Frame, responseFrame } from './frame.codec.js';

export interface RpcFramesOptions {
  readonly callsInFlight: number;
  readonly streamingBurst: number;
}

interface CallRequest {
  readonly method: string;
  readonly args: unknown;
  readonly isView: boolean;
}

/** `rpc/call`, `rpc/continue` and `rpc/abort`: from the frame into the pipeline and back. */
export class RpcFrames {
  constructor(
    private readonly pipeline: CallPipeline,
    private readonly failures: FailureReporter,
    private readonly options: RpcFramesOptions,
  ) {}

  call(connection: Connection, frame: Frame): void {
    const { id } = frame;
    const request = readCall(frame);
    if (request === null) throw coded('MALFORMED_REQUEST');
    if (connection.calls.size > 0 && connection.calls.has(id)) throw coded('REQUEST_ID_IN_USE');
    if (connection.calls.size >= this.options.callsInFlight) throw coded('TOO_MANY_REQUESTS');
    const args = frame.hasExtended ? decodeExtended(request.args) : request.args;
    const call = new Call(request.method, args, connection.sender, connection.callOptions);
    const result = this.pipeline.execute(call);
    if (result instanceof Promise) this.#follow(connection, frame, { call, request, result });
    else if (result instanceof ResultStream)
      this.#stream(connection, frame, { call, request, result });
    else this.#respond(connection, frame, result);
  }

  continue(connection: Connection, { id, args }: Frame): void {
    const active = connection.calls.get(id);
    if (active?.stream == null) throw coded('INVALID_CALL');
    if (!Number.isInteger(args)) throw coded('MALFORMED_REQUEST');
    void this.#sendChunk(connection, id, { active, stream: active.stream, seqno: args as number });
  }

  abort(connection: Connection, { id }: Frame): void {
    const active = connection.calls.get(id);
    if (active === undefined) throw coded('INVALID_CALL');
    connection.calls.delete(id);
    active.call.abort(coded('CALL_CANCELED'));
    void active.stream?.dispose();
    connection.send(closeFrame(id));
  }

  #follow(connection: Connection, frame: Frame, pending: Pending<Promise<unknown>>): void {
    const { call, request } = pending;
    const active: ActiveCall = { call, stream: null };
    connection.calls.set(frame.id, active);
    pending.result.then(
      (result) => {
        if (!isCurrent(connection, frame, active)) {
          if (result instanceof ResultStream)
            void new CallStream(result, this.#streamOptions(request)).dispose();
          return;
        }
        connection.calls.delete(frame.id);
        if (result instanceof ResultStream)
          this.#stream(connection, frame, { call, request, result });
        else this.#respond(connection, frame, result);
      },
      (error: unknown) => {
        if (!isCurrent(connection, frame, active)) return;
        connection.calls.delete(frame.id);
        connection.fail(frame.id, this.failures.toClient(error, call));
      },
    );
  }

  #respond(connection: Connection, { id, args }: Frame, result: unknown): void {
    try {
      connection.send(responseFrame(id, result));
    } catch (error) {
      const { method } = args as { method: string };
      connection.fail(id, this.failures.toClient(error, { method }));
    }
  }

  #stream(
    connection: Connection,
    { id }: Frame,
    { call, request, result }: Pending<ResultStream>,
  ): void {
    const stream = new CallStream(result, this.#streamOptions(request));
    const active = { call, stream };
    connection.calls.set(id, active);
    void this.#sendChunk(connection, id, { active, stream, seqno: 1 });
  }

  #streamOptions({ isView }: CallRequest): { burst: number; isView: boolean } {
    return { burst: this.options.streamingBurst, isView };
  }

  async #sendChunk(
    connection: Connection,
    id: Frame['id'],
    { active, stream, seqno }: { active: ActiveCall; stream: CallStream; seqno: number },
  ): Promise<void> {
    try {
      const chunk = await stream.take(seqno);
      if (!isCurrent(connection, { id }, active)) return;
      if (chunk.kind === 'fragment') {
        connection.send(fragmentFrame(id, chunk.seqno, chunk.items));
        return;
      }
      connection.send(endFrame(id, chunk.seqno));
      if (stream.isView) return;
      connection.calls.delete(id);
      connection.send(closeFrame(id));
    } catch (error) {
      if (!isCurrent(connection, { id }, active)) return;
      connection.calls.delete(id);
      void stream.dispose();
      connection.fail(id, this.failures.toClient(error, active.call));
    }
  }
}

interface Pending<T> {
  readonly call: Call;
  readonly request: CallRequest;
  readonly result: T;
}

/** False once the call was aborted or its connection went: nobody waits for an outcome any more. */
function isCurrent(connection: Connection, { id }: Pick<Frame, 'id'>, active: ActiveCall): boolean {
  return connection.calls.get(id) === active;
}

function readCall({ id, args }: Frame): CallRequest | null {
  if (id === null || typeof args !== 'object' || args === null) return null;
  const { method, args: passed, view } = args as Record<string, unknown>;
  if (typeof method !== 'string' || passed === undefined || typeof passed !== 'object') return null;
  return { method, args: passed, isView: view === true };
}
