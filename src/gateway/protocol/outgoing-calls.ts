import { coded, decodeExtended, onAbort } from '../../common/index.js';
import { abortFrame, callFrame, continueFrame, type ForwardedSender } from './frame.codec.js';
import type { Frame } from './frame.js';
import { OutgoingCall } from './outgoing-call.js';
import { readRemoteError } from './remote-error.js';

/**
 * Calls that one client may leave unanswered. Far more than one caller may have in flight, so that
 * a single one does not use up a service for everybody.
 */
const MAX_PENDING = 8_192;

export interface OutgoingCallOptions {
  /** Ends the call: the client is sent an `abort`. */
  readonly signal: AbortSignal;
  /** Not given: the server asks for itself. */
  readonly sender?: ForwardedSender;
}

/**
 * The calls that the server makes to one client, which offers services: protocol section 4 with the
 * roles exchanged. Ids are the server's own, and looked up only here: a client may use the same
 * ones for its calls.
 */
export class OutgoingCalls {
  readonly #pending = new Map<string, OutgoingCall>();
  #lastId = 0;

  constructor(private readonly send: (frame: string) => void) {}

  get size(): number {
    return this.#pending.size;
  }

  /** @throws (rejects with) RpcException EBUSY when too many are unanswered; what the client answers */
  call(method: string, args: unknown, { signal, sender }: OutgoingCallOptions): Promise<unknown> {
    if (this.#pending.size >= MAX_PENDING) {
      return Promise.reject(coded('SERVICE_OVERLOADED', { limit: MAX_PENDING }));
    }
    if (signal.aborted) return Promise.reject(coded('CALL_CANCELED'));
    const id = `server-${(this.#lastId += 1)}`;
    const frame = callFrame(id, { method, args, sender }); // what it throws, nobody has heard of the call yet
    const call = new OutgoingCall({
      ended: () => {
        this.#pending.delete(id);
        forget();
      },
      sendAbort: () => this.send(abortFrame(id)),
      sendContinue: (seqno) => this.send(continueFrame(id, seqno)),
    });
    this.#pending.set(id, call);
    const forget = onAbort(signal, () => call.cancel(coded('CALL_CANCELED')));
    this.send(frame);
    return call.outcome;
  }

  /** Never throws: an answer that makes no sense fails the call it belongs to, and nothing else. */
  receive({ name, id, args, hasExtended, numberFault }: Frame): void {
    const call = typeof id === 'string' ? this.#pending.get(id) : undefined;
    if (call === undefined) return;
    if (name === 'close') {
      call.fail(coded('SERVICE_ANSWER_INVALID', { reason: 'the call was closed unanswered' }));
    } else if (name === 'error') {
      call.fail(readRemoteError(args));
    } else if (name === 'end') {
      call.end(args);
    } else if (numberFault !== null) {
      call.refuse(numberFault.message);
    } else {
      this.#receiveValue(call, name, hasExtended ? decoded(args) : { value: args });
    }
  }

  /** The client is gone, and with it every answer. */
  end(reason: Error): void {
    for (const call of [...this.#pending.values()]) call.fail(reason);
  }

  #receiveValue(call: OutgoingCall, name: string, decoding: Decoding): void {
    if (decoding === null) {
      call.refuse('a value in it cannot be read');
    } else if (name === 'fragment') {
      call.take(decoding.value);
    } else {
      call.respond(decoding.value);
    }
  }
}

type Decoding = { readonly value: unknown } | null;

function decoded(args: unknown): Decoding {
  try {
    return { value: decodeExtended(args) };
  } catch {
    return null;
  }
}
