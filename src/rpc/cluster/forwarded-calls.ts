import { Injectable } from '@nestjs/common';
import { AccountDirectory, ApiKeys, Principals } from '../../auth/index.js';
import { type NodeCaller, NodeCalls, type Unsubscribe } from '../../cluster/index.js';
import { coded, onAbort } from '../../common/index.js';
import { mayCall } from '../authorise.js';
import { Call } from '../call.js';
import { CallPipeline } from '../call-pipeline.js';
import { type Items, ResultStream } from '../result-stream.js';
import { CALL_CHANNEL, type ForwardedCall } from './forwarder.js';
import { Holders } from './holders.js';
import { principalOf, RemoteCaller } from './remote-caller.js';

interface Running {
  readonly call: Call;
  readonly caller: RemoteCaller;
}

/**
 * Calls that other nodes forward: each goes through the pipeline as if its caller were connected here,
 * with the rights that it has here, and no further.
 */
@Injectable()
export class ForwardedCalls {
  readonly #running = new Set<Running>();

  constructor(
    private readonly calls: NodeCalls,
    private readonly pipeline: CallPipeline,
    private readonly holders: Holders,
    private readonly principals: Principals,
    private readonly keys: ApiKeys,
    private readonly accounts: AccountDirectory,
  ) {}

  /** Answers other nodes from now on. */
  serve(): Unsubscribe {
    const stops = [
      this.calls.serve(CALL_CHANNEL, (body, caller) => this.#run(body as ForwardedCall, caller)),
      this.holders.serve(),
    ];
    this.accounts.onChange(() => this.#judgeAgain());
    this.keys.onEnd(() => this.#judgeAgain());
    return () => {
      for (const stop of stops) stop();
    };
  }

  async #run(forwarded: ForwardedCall, { node, signal, cause }: NodeCaller): Promise<unknown> {
    const { method, args, sender, isStrict, wantsStream } = forwarded;
    const { principals, keys } = this;
    const principal = principalOf(sender, { principals, keys });
    const caller = new RemoteCaller(principal, sender, this.holders.of(node, sender.holder));
    const call = new Call(method, args, caller, {
      isStrict,
      wantsStream,
      isForwarded: true,
      ...(cause !== null && { cause }),
    });
    const running = { call, caller };
    this.#running.add(running);
    const forget = onAbort(signal, () => call.abort(signal.reason as Error));
    const end = (): void => {
      forget();
      this.#running.delete(running);
    };
    try {
      const result = await this.pipeline.execute(call);
      if (result instanceof ResultStream) return itemsOf(result, call, end);
      end();
      return result;
    } catch (error) {
      end();
      throw error;
    }
  }

  #judgeAgain(): void {
    for (const { call, caller } of this.#running) {
      if (caller.kind !== 'user') continue;
      const present = this.principals.refresh(caller.principal);
      if (present === null) call.abort(coded('LOGIN_ENDED'));
      else if (present !== caller.principal) {
        caller.changeRights(present);
        if (call.access !== null && !mayCall(call.access, caller))
          call.abort(coded('INSUFFICIENT_PRIVILEGES'));
      }
    }
  }
}

/** An iterator of its own, whose `return` does not wait for the item under way. */
function itemsOf(
  { items, check }: ResultStream,
  call: Call,
  end: () => void,
): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]: () => {
      const producer = start(items);
      const stop = async (): Promise<IteratorResult<unknown>> => {
        end();
        await producer.return?.();
        return { done: true, value: undefined };
      };
      return {
        next: async () => {
          try {
            call.throwIfAborted();
            const next = await producer.next();
            if (next.done === true) end();
            else check([next.value]);
            return next;
          } catch (error) {
            await stop();
            throw error;
          }
        },
        return: stop,
      };
    },
  };
}

function start(items: Items): Iterator<unknown> | AsyncIterator<unknown> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}
