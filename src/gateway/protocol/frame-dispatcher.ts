import { Inject, Injectable } from '@nestjs/common';
import { coded, Errno, type RpcException } from '../../common/index.js';
import { FailureReporter } from '../../rpc/index.js';
import type { TextEncoding } from '../transport/index.js';
import { AuthFrames } from './auth-frames.js';
import type { Connection } from './connection.js';
import { EventFrames } from './event-frames.js';
import { parseFrame } from './frame.codec.js';
import type { Frame, FrameFault } from './frame.js';
import { PROTOCOL_LIMITS, type ProtocolLimits } from './protocol-limits.js';
import { RpcFrames } from './rpc-frames.js';

/** Handles one kind of frame. What it throws is the answer; a promise holds back later frames. */
type FrameHandler = (connection: Connection, frame: Frame) => void | Promise<void>;

interface Route {
  readonly handle: FrameHandler;
  /** A frame that asks for no answer gets an error only under an id of its own. */
  readonly asksForAnswer: boolean;
}

const answers = (handle: FrameHandler): Route => ({ handle, asksForAnswer: true });
const silent = (handle: FrameHandler): Route => ({ handle, asksForAnswer: false });
const NOT_TEXT = { fault: coded('REQUEST_NOT_JSON'), id: null } as const;
const outcome = silent((connection, frame) => connection.receiveOutcome(frame));

/**
 * From a message to the handler of its frame. Whatever arrives, exactly one outcome leaves: this is
 * the one place where everything that a handler throws is caught and answered.
 */
@Injectable()
export class FrameDispatcher {
  readonly #routes: ReadonlyMap<string, ReadonlyMap<string, Route>>;

  constructor(
    rpc: RpcFrames,
    auth: AuthFrames,
    events: EventFrames,
    private readonly failures: FailureReporter,
    @Inject(PROTOCOL_LIMITS) private readonly options: Pick<ProtocolLimits, 'frameValues'>,
  ) {
    // Answers to calls that the server never made are dropped: two peers must not answer each
    // other's errors for ever. Nor does an answer that makes no sense get one.
    this.#routes = new Map([
      [
        'rpc',
        new Map<string, Route>([
          ['call', answers((connection, frame) => rpc.call(connection, frame))],
          ['continue', answers((connection, frame) => rpc.continue(connection, frame))],
          ['abort', answers((connection, frame) => rpc.abort(connection, frame))],
          ['auth', answers((connection, frame) => auth.password(connection, frame))],
          ['auth_token', answers((connection, frame) => auth.token(connection, frame))],
          ['auth_service', answers((connection, frame) => auth.service(connection, frame))],
          ['response', outcome],
          ['error', outcome],
          ['fragment', outcome],
          ['end', outcome],
          ['close', outcome],
        ]),
      ],
      [
        'events',
        new Map<string, Route>([
          ['subscribe', silent((connection, frame) => events.subscribe(connection, frame))],
          ['unsubscribe', silent((connection, frame) => events.unsubscribe(connection, frame))],
          ['event', silent((connection, frame) => events.publish(connection, frame))],
          ['event_burst', silent((connection, frame) => events.publishBurst(connection, frame))],
        ]),
      ],
    ]);
  }

  receive(connection: Connection, text: string, encoding: TextEncoding): void {
    if (!connection.isOpen) return;
    const frame = encoding === 'utf8' ? parseFrame(text, this.options.frameValues) : NOT_TEXT;
    if ('fault' in frame) {
      connection.countFault();
      this.#refuse(connection, frame);
      return;
    }
    const pending = this.handle(connection, frame);
    if (pending !== undefined) void connection.holdBackFor(pending);
  }

  /** As its handler would have refused it: an answer fails the call it belongs to, an event is answered under its id only. */
  #refuse(connection: Connection, { fault, id, namespace, name }: FrameFault): void {
    const route = this.#routes.get(namespace ?? '')?.get(name ?? '');
    if (route === outcome) {
      const args = fault.toWire();
      connection.receiveOutcome({
        namespace: 'rpc',
        name: 'error',
        id,
        args,
        hasExtended: false,
        numberFault: null,
      });
    } else if (route?.asksForAnswer !== false || id !== null) {
      connection.fail(id, fault);
    }
  }

  /** A promise (which never rejects) is to be waited for before any later frame is handled. */
  handle(connection: Connection, frame: Frame): Promise<void> | undefined {
    const route = this.#routes.get(frame.namespace)?.get(frame.name);
    if (route === undefined) {
      connection.countFault();
      connection.fail(frame.id, coded('INVALID_REQUEST'));
      return undefined;
    }
    try {
      if (frame.numberFault !== null && route !== outcome) throw frame.numberFault;
      const pending = route.handle(connection, frame);
      if (pending !== undefined) return this.#finish(connection, frame, { route, pending });
    } catch (error) {
      this.#fail(connection, frame, { route, error });
    }
    return undefined;
  }

  async #finish(
    connection: Connection,
    frame: Frame,
    { route, pending }: { route: Route; pending: Promise<void> },
  ): Promise<void> {
    try {
      await pending;
    } catch (error) {
      this.#fail(connection, frame, { route, error });
    }
  }

  #fail(connection: Connection, { id, namespace, name }: Frame, { route, error }: Failure): void {
    const answer = this.failures.toClient(error, `${namespace}/${name}`);
    if (isFault(answer)) connection.countFault();
    if (route === outcome) return;
    if (route.asksForAnswer || id !== null) connection.fail(id, answer);
  }
}

/** A frame that makes no sense, whoever sends it; not one that is only not allowed, or too early. */
function isFault({ code }: RpcException): boolean {
  return code === Errno.EINVAL || code === Errno.ENOENT || code === Errno.EEXIST;
}

interface Failure {
  readonly route: Route;
  readonly error: unknown;
}
